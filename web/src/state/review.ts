import { batch, computed, effect, signal } from "@preact/signals";
import type { DocumentWhole, SectionWhole, TaskAccepted, TasksAccepted } from "../api/answers.ts";
import { get, Problem, send } from "../api/http.ts";
import { submit } from "../api/submit.ts";
import type { Snapshot } from "../contract.gen.ts";
import { engineName } from "../words/engines.ts";
import { gathered, marginsOf, withReview, type Reviews } from "./gathering.ts";
import { changeFindings, inOrder, margins } from "./margins.ts";
import { tell, tellOfCostLimit } from "./notices.ts";
import { goneDocument, live } from "./server.ts";
import { forgetTasks, hasEnded, onTaskChanged, takeListed, task } from "./tasks.ts";

const ACCEPTED = "accepted";
/** An accepted task that has not been heard of by then is no longer announced. */
const UNHEARD_AFTER_MS = 5_000;
/** The code of the problem that a document is gone which has been on this screen. */
export const DELETED = "deleted";

/** The document on the screen; null while it loads. */
export const shown = signal<DocumentWhole | null>(null);
/** Why it cannot be shown. */
export const missing = signal<Problem | null>(null);
export const reviews = signal<Reviews>(new Map());
/** Section -> what is happening to a request that the server has not accepted yet. */
export const sending = signal<ReadonlyMap<string, string>>(new Map());
/** Tasks that were asked to stop and have not said so yet. */
export const stopping = signal<ReadonlySet<string>>(new Set());
/** Ids of all tasks of the document that were heard of, chats included, oldest first. */
export const heardOf = signal<readonly string[]>([]);

/** The depth of a section's heading from 1, counted from the highest there is in the document. */
export function depth(section: SectionWhole): number {
  return Math.max(1, section.level - highest.value + 1);
}

/** A section's title, also of the words that stand before the first one. */
export function titleOf(section: SectionWhole | undefined): string {
  return section?.title || "Before the first heading";
}

const highest = computed(() => {
  const levels = shown.value?.sections.map((each) => each.level).filter((level) => level > 0) ?? [];
  return Math.min(...levels, 6);
});

/** All findings in the order of the document. */
export const ordered = computed(() => inOrder(shown.value?.sections.map((section) => section.section_id) ?? []));

/** The latest review of a section; null when it was never asked for. */
export function reviewOf(sectionId: string): Snapshot | null {
  const review = reviews.value.get(sectionId);
  return review === undefined ? null : task(review.taskId).value;
}

/** How many sections have been reviewed, are under way, and have failed; each is one of them at most. */
export const counts = computed(() => {
  const all = { sections: shown.value?.sections.length ?? 0, done: 0, busy: 0, failed: 0, costUsd: 0 };
  for (const sectionId of new Set([...reviews.value.keys(), ...sending.value.keys()])) {
    const snapshot = reviewOf(sectionId);
    if (sending.value.has(sectionId)) all.busy++;
    else if (snapshot?.state === "SUCCESS") all.done++;
    else if (snapshot?.state === "FAILURE") all.failed++;
    else if (snapshot !== null && !hasEnded(snapshot)) all.busy++;
  }
  for (const taskId of heardOf.value) all.costUsd += task(taskId).value?.cost_usd ?? 0;
  return all;
});

/** The engines that reviewed sections of the document, by name. */
export const engines = computed<readonly string[]>(() => {
  const snapshots = [...reviews.value.keys()].map(reviewOf);
  const names = snapshots.map((snapshot) => engineName(snapshot?.engine ?? null, snapshot?.model ?? null));
  return [...new Set(names)].filter((name) => name !== "");
});

onTaskChanged((taskId, snapshot) => {
  if (snapshot === null && heardOf.peek().includes(taskId)) void lookWhetherDeleted();
  if (snapshot === null || snapshot.document_id !== shown.peek()?.document_id) return;
  if (!heardOf.peek().includes(taskId)) heardOf.value = [...heardOf.peek(), taskId];
  const before = reviews.peek();
  reviews.value = withReview(before, snapshot);
  const sectionId = snapshot.section_id ?? "";
  if (reviews.peek().get(sectionId)?.taskId !== taskId) return;
  changeFindings(sectionId, (known) => gathered(known, snapshot));
  // A new review may be heard of before the request for it is answered.
  if (before.get(sectionId)?.taskId !== taskId) setSending([sectionId], null);
});

effect(() => {
  if (goneDocument.value !== null && goneDocument.value === shown.peek()?.document_id) void lookWhetherDeleted();
});

let opening: string | null = null;

/**
 * Shows a document, as the server has it, and follows its tasks. True when it is shown. Rejects when
 * it may be had a little later.
 */
export async function open(documentId: string): Promise<boolean> {
  close();
  opening = documentId;
  try {
    const whole = await get<DocumentWhole>(`documents/${encodeURIComponent(documentId)}`);
    if (opening !== documentId) return false;
    batch(() => {
      shown.value = whole;
      margins.value = marginsOf(whole.findings);
      reviews.value = listedReviews(whole);
    });
    live.watchDocument(documentId);
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.passing) throw error;
    if (opening === documentId) missing.value = error;
    return false;
  }
}

let looking = false;

/** A task of it is gone, or it was refused as unknown: it may have been deleted in another window. */
async function lookWhetherDeleted(): Promise<void> {
  const there = documentId();
  if (looking || there === "") return;
  looking = true;
  try {
    await get(`documents/${encodeURIComponent(there)}`);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404) || there !== documentId()) return;
    close();
    missing.value = new Problem(404, DELETED, "Its text, its findings and its chats are gone from the server.");
  } finally {
    looking = false;
  }
}

/** Says what went wrong, unless it is that the document is gone, which the screen says then. */
export async function tellUnlessDeleted(error: unknown, what: string): Promise<void> {
  if (error instanceof Problem && error.status === 404) await lookWhetherDeleted();
  if (missing.peek() === null) tell(error, what);
}

function listedReviews(whole: DocumentWhole): Reviews {
  const listed = whole.tasks.filter((each) => each.section_id !== null);
  for (const each of listed) takeListed({ ...each, document_id: whole.document_id });
  return new Map(listed.map(({ section_id, task_id }) => [section_id as string, { taskId: task_id, createdAt: 0 }]));
}

export function close(): void {
  opening = null;
  const before = shown.peek();
  if (before) live.unwatchDocument(before.document_id);
  batch(() => {
    shown.value = null;
    missing.value = null;
    margins.value = new Map();
    reviews.value = new Map();
    sending.value = new Map();
    heardOf.value = [];
    stopping.value = new Set();
  });
  forgetTasks();
}

/** What a submission says to be carried out by the built-in rules, without AI and without cost. */
const WITHOUT_AI = { engine: "checker" } as const;
type Asked = typeof WITHOUT_AI | Record<string, never>;

/** Reviews one section; a second time with fresh eyes. */
export async function analyze(section: SectionWhole, asked: Asked = {}): Promise<void> {
  const json = {
    document_id: documentId(),
    section_id: section.section_id,
    fresh: reviewOf(section.section_id) !== null,
    ...asked,
  };
  const send = async (waiting: (words: string) => void) => [
    await submit<TaskAccepted>("analyze_section", { json }, waiting),
  ];
  const withoutAi = (): void => void analyze(section, WITHOUT_AI);
  await whileSending([section.section_id], `“${titleOf(section)}” was not sent.`, send, withoutAi);
}

/** Reviews every section that is not reviewed and not under way; all of them again when all are done. */
export async function analyzeAll(asked: Asked = {}): Promise<void> {
  const { all, left } = remaining();
  const wanted = left.length > 0 ? left : all;
  const json = { document_id: documentId(), section_ids: wanted, fresh: left.length === 0, ...asked };
  const send = async (waiting: (words: string) => void) => {
    return (await submit<TasksAccepted>("analyze_document", { json }, waiting)).tasks;
  };
  await whileSending(wanted, "The sections were not sent.", send, () => void analyzeAll(WITHOUT_AI));
}

/** The sections of the document, and those that nobody has reviewed or is reviewing. */
export function remaining(): { readonly all: string[]; readonly left: string[] } {
  const all = (shown.value?.sections ?? []).map((section) => section.section_id);
  const left = all.filter((sectionId) => {
    const snapshot = reviewOf(sectionId);
    return snapshot === null || snapshot.state === "FAILURE" || snapshot.state === "REVOKED";
  });
  return { all, left };
}

export async function cancel(taskId: string): Promise<void> {
  stopping.value = new Set(stopping.peek()).add(taskId);
  try {
    await send("POST", `cancel_task/${encodeURIComponent(taskId)}`);
  } catch (error) {
    // It has ended another way meanwhile; its last event says how.
    if (!(error instanceof Problem && error.code === "already_ended"))
      await tellUnlessDeleted(error, "It could not be stopped.");
    stopping.value = new Set([...stopping.peek()].filter((each) => each !== taskId));
  }
}

export async function cancelAll(): Promise<void> {
  try {
    await send("POST", `documents/${encodeURIComponent(documentId())}/cancel`);
  } catch (error) {
    await tellUnlessDeleted(error, "The reviews could not be stopped.");
  }
}

/** Has a task that waits for another try begin anew at once, as a new one at the end of the line. */
export async function retryNow(taskId: string): Promise<void> {
  await cancel(taskId);
  await retry(taskId);
}

/** Sends a failed or stopped task again, as a new one. */
export async function retry(taskId: string): Promise<void> {
  const sectionId = task(taskId).peek()?.section_id;
  await whileSending(sectionId ? [sectionId] : [], "It could not be sent again.", async (waiting) => {
    return [await submit<TaskAccepted>(`retry_task/${encodeURIComponent(taskId)}`, { json: {} }, waiting)];
  });
}

export function documentId(): string {
  return shown.peek()?.document_id ?? "";
}

/** Says of the sections what happens to the request, until the new tasks speak for themselves. */
async function whileSending(
  sectionIds: readonly string[],
  failed: string,
  work: (waiting: (words: string) => void) => Promise<readonly TaskAccepted[]>,
  withoutAi: (() => void) | null = null,
): Promise<void> {
  const waiting = (words: string): void => setSending(sectionIds, words);
  waiting("sending…");
  try {
    const accepted = (await work(waiting)).map((each) => each.task_id);
    live.watch(accepted, documentId() || null);
    const isHeard = (sectionId: string): boolean => accepted.includes(reviews.peek().get(sectionId)?.taskId ?? "");
    const unheard = sectionIds.filter((sectionId) => !isHeard(sectionId));
    // In one step: what is under way in between as well was never done.
    batch(() => {
      setSending(sectionIds, null);
      setSending(unheard, ACCEPTED);
    });
    setTimeout(() => {
      const isStillUnheard = (sectionId: string): boolean => sending.peek().get(sectionId) === ACCEPTED;
      setSending(unheard.filter(isStillUnheard), null);
    }, UNHEARD_AFTER_MS);
  } catch (error) {
    setSending(sectionIds, null);
    if (error instanceof Problem && error.overCost && withoutAi) tellOfCostLimit(error, failed, withoutAi);
    else await tellUnlessDeleted(error, failed);
  }
}

function setSending(sectionIds: readonly string[], words: string | null): void {
  const next = new Map(sending.peek());
  for (const sectionId of sectionIds) words === null ? next.delete(sectionId) : next.set(sectionId, words);
  sending.value = next;
}
