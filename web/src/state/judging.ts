import { effect } from "@preact/signals";
import type { DocumentWhole } from "../api/answers.ts";
import { get, Problem, send } from "../api/http.ts";
import { submit } from "../api/submit.ts";
import type { Finding } from "../contract.gen.ts";
import { marginsOf, merged } from "./gathering.ts";
import { changeFindings, findingOf } from "./margins.ts";
import { say } from "./notices.ts";
import { caughtUp } from "./server.ts";
import { documentId, shown, tellUnlessDeleted } from "./review.ts";

export type Decision = "open" | "accepted" | "rejected";

export interface OwnFinding {
  readonly section_id: string;
  readonly quote: string | null;
  /** Where the quote begins, in code points. */
  readonly start: number | null;
  readonly message: string;
  readonly severity: Finding["severity"];
  readonly category: Finding["category"];
  readonly replacement: string | null;
}

/** What was decided in this tab, the latest last: `u` takes it back step by step. */
let past: { readonly findingId: string; readonly before: Decision }[] = [];

/** Decides about a finding, shown at once and taken back when the server refuses. */
export async function judge(finding: Finding, status: Decision, replacement?: string): Promise<void> {
  const before: Decision = finding.status === "outdated" ? "open" : finding.status;
  past = [...past, { findingId: finding.finding_id, before }];
  await decide(finding, status, replacement);
}

/** Takes back the latest decision that still stands. False: there is none. */
export function undo(): boolean {
  const last = past.at(-1);
  past = past.slice(0, -1);
  if (last === undefined) return false;
  const finding = findingOf(last.findingId);
  if (finding === null || finding.status === last.before) return undo();
  void decide(finding, last.before);
  return true;
}

/** Finding -> what becomes of the latest decision about it, until that is known. */
const deciding = new Map<string, Promise<void>>();

/** Shown at once; sent when the one before about the same finding is answered, whose version it needs. */
function decide(finding: Finding, status: Decision, replacement?: string): Promise<void> {
  const suggestion = replacement === undefined ? finding.suggestion : ({ kind: "replace", text: replacement } as const);
  put({ ...finding, status, suggestion });
  const json = replacement === undefined ? { status } : { status, replacement };
  const before = deciding.get(finding.finding_id) ?? Promise.resolve();
  const isLatest = (): boolean => deciding.get(finding.finding_id) === decision;
  const decision = before
    .then(() => sendDecision(finding, json, isLatest))
    .finally(() => isLatest() && deciding.delete(finding.finding_id));
  deciding.set(finding.finding_id, decision);
  return decision;
}

async function sendDecision(finding: Finding, json: object, isLatest: () => boolean): Promise<void> {
  try {
    const present = findingOf(finding.finding_id) ?? finding;
    const kept = await send<Finding>("PATCH", pathOf(finding), { json, headers: ifMatch(present) });
    if (isLatest()) put(kept);
    else setVersion(kept);
    tellOtherTabs({ put: kept });
  } catch (error) {
    if (isLatest()) put(finding);
    if (error instanceof Problem && error.code === "version_conflict") {
      say("This finding was changed elsewhere meanwhile. The margin now shows how it stands.");
      await refreshFindings();
    } else await tellUnlessDeleted(error, "Your decision was not kept.");
  }
}

/** Makes a finding of one's own. True when the server has taken it. */
export async function makeFinding(own: OwnFinding): Promise<string | null> {
  const { quote, start, replacement, ...rest } = own;
  const json = { ...rest, ...(quote === null ? {} : { quote, start, replacement }) };
  try {
    const made = await submit<Finding>(`documents/${encodeURIComponent(documentId())}/findings`, { json });
    put(made);
    tellOtherTabs({ put: made });
    return made.finding_id;
  } catch (error) {
    await tellUnlessDeleted(error, "Your finding was not kept.");
    return null;
  }
}

/** Deletes a finding of one's own. */
export async function removeFinding(finding: Finding): Promise<void> {
  take(finding.section_id, finding.finding_id);
  try {
    await send("DELETE", pathOf(finding), { headers: ifMatch(finding) });
    tellOtherTabs({ take: finding.finding_id, of: finding.section_id });
  } catch (error) {
    put(finding);
    await tellUnlessDeleted(error, "Your finding was not deleted.");
  }
}

/** How the findings stand on the server, also after something else than this tab has changed them. */
export async function refreshFindings(): Promise<void> {
  const there = documentId();
  if (there === "") return;
  const whole = await get<DocumentWhole>(`documents/${encodeURIComponent(there)}`);
  if (there !== documentId()) return;
  for (const [sectionId, present] of marginsOf(whole.findings)) {
    changeFindings(sectionId, (known) => merged(known, [...present.values()]));
  }
}

function pathOf(finding: Finding): string {
  return `documents/${encodeURIComponent(documentId())}/findings/${encodeURIComponent(finding.finding_id)}`;
}

function ifMatch(finding: Finding): Readonly<Record<string, string>> {
  return { "If-Match": `"${finding.version}"` };
}

function put(finding: Finding): void {
  changeFindings(finding.section_id, (known) => new Map(known).set(finding.finding_id, finding));
}

/** What was decided since is shown already; only the version is news. */
function setVersion({ finding_id: id, section_id: sectionId, version }: Finding): void {
  changeFindings(sectionId, (known) => {
    const present = known.get(id);
    return present === undefined ? known : new Map(known).set(id, { ...present, version });
  });
}

function take(sectionId: string, findingId: string): void {
  changeFindings(sectionId, (known) => new Map([...known].filter(([id]) => id !== findingId)));
}

type Change = { readonly put: Finding } | { readonly take: string; readonly of: string };

// Decisions of other browsers, made while this page slept or was cut off.
effect(() => {
  if (caughtUp.value) refreshFindings().catch(() => undefined);
});

/** Other tabs of this browser. Decisions are no events of a task, so the server does not tell them. */
const tabs = new BroadcastChannel("galley.findings");

function tellOtherTabs(change: Change): void {
  tabs.postMessage({ documentId: documentId(), change });
}

tabs.onmessage = ({ data }: MessageEvent<{ readonly documentId: string; readonly change: Change }>) => {
  if (data.documentId !== shown.peek()?.document_id) return;
  const { change } = data;
  if ("take" in change) take(change.of, change.take);
  else changeFindings(change.put.section_id, (known) => merged(known, [change.put]));
};
