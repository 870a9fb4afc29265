import { batch, signal, type Signal } from "@preact/signals";
import { ENDED, STATUS_WORDS, type Event, type Snapshot } from "../contract.gen.ts";
import type { Place } from "../live/protocol.ts";
import { noticeServerTime } from "./clock.ts";
import { reduceAll } from "./reduce.ts";

/** A hidden tab gets no animation frames; it is kept up to date at this pace. */
const HIDDEN_PACE_MS = 500;

/** So many tasks change their looks in one frame; the others' news gather until the next. One that streams alone has every frame. */
const MOST_A_FRAME = 10;

/** A task of which only the list has spoken. */
export const NOTHING_KNOWN: Omit<Snapshot, "task_id" | "section_id" | "document_id" | "state" | "status"> = {
  kind: "analysis",
  conversation_id: null,
  progress: 0,
  epoch: 0,
  seq: 0,
  attempt: 0,
  tries: 0,
  reason: null,
  retry_at: null,
  engine: null,
  model: null,
  usage: null,
  cost_usd: null,
  created_at: 0,
  started_at: null,
  ended_at: null,
  error: null,
  text: "",
  findings: [],
  result: null,
};

type Change = { readonly events: readonly Event[] } | { readonly snapshot: Snapshot | null };
type Changed = (taskId: string, snapshot: Snapshot | null) => void;

const known = new Map<string, Signal<Snapshot | null>>();
const places = new Map<string, Signal<Place | null>>();
const listeners = new Set<Changed>();
let pending = new Map<string, Change[]>();
let planned = false;

/** A task's present state; null while nothing is known of it, or when it is gone. */
export function task(taskId: string): Signal<Snapshot | null> {
  return signalIn(known, taskId);
}

/** A waiting task's place in line, while the server tells it. */
export function place(taskId: string): Signal<Place | null> {
  return signalIn(places, taskId);
}

export function hasEnded(snapshot: Snapshot | null): boolean {
  return snapshot !== null && ENDED.includes(snapshot.state);
}

/** Calls back after each change of any task. Returns how to stop that. */
export function onTaskChanged(changed: Changed): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export function takeEvents(taskId: string, events: readonly Event[]): void {
  collect(taskId, { events });
}

export function takeSnapshot(taskId: string, snapshot: Snapshot | null): void {
  collect(taskId, { snapshot });
}

/** What a list says of a task, until the task itself is heard. */
export function takeListed(listed: Pick<Snapshot, "task_id" | "section_id" | "document_id" | "state">): void {
  const state = task(listed.task_id);
  state.value ??= { ...NOTHING_KNOWN, ...listed, status: STATUS_WORDS[listed.state] };
}

export function takePlace(moved: Place): void {
  place(moved.task_id).value = moved;
}

/** Forgets all tasks: another document is shown. */
export function forgetTasks(): void {
  pending = new Map();
  known.clear();
  places.clear();
}

function signalIn<T>(signals: Map<string, Signal<T | null>>, id: string): Signal<T | null> {
  let found = signals.get(id);
  if (found === undefined) signals.set(id, (found = signal<T | null>(null)));
  return found;
}

/** One update a frame, however many events it brings: a fast answer must not cost a layout a word. */
function collect(taskId: string, change: Change): void {
  const changes = pending.get(taskId);
  if (changes) changes.push(change);
  else pending.set(taskId, [change]);
  plan();
}

function plan(): void {
  if (planned) return;
  planned = true;
  if (document.hidden) setTimeout(() => apply(pending.size), HIDDEN_PACE_MS);
  else requestAnimationFrame(() => apply(MOST_A_FRAME));
}

/** Applies what waits longest; a map keeps the order in which tasks came to wait. */
function apply(most: number): void {
  planned = false;
  const changes = [...pending].slice(0, most);
  for (const [taskId] of changes) pending.delete(taskId);
  batch(() => {
    for (const [taskId, ofTask] of changes) applyTo(taskId, ofTask);
  });
  if (pending.size > 0) plan();
}

function applyTo(taskId: string, changes: readonly Change[]): void {
  const state = task(taskId);
  let snapshot = state.peek();
  for (const change of changes) {
    if ("snapshot" in change) snapshot = change.snapshot;
    else {
      // A log from its first event is the whole truth, whatever was thought before.
      snapshot = reduceAll(change.events[0]?.seq === 1 ? null : snapshot, change.events);
      noticeServerTime(change.events.at(-1)?.at ?? Number.NaN);
    }
  }
  state.value = snapshot;
  if (snapshot?.state !== "PENDING") place(taskId).value = null;
  for (const changed of listeners) changed(taskId, snapshot);
}
