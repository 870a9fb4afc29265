import { STATUS_WORDS, type Event, type Finding, type Snapshot, type TaskState } from "../contract.gen.ts";
import { readEvent, type KnownEvent } from "./read_data.ts";

/**
 * The snapshot after one event: the rules of `fold` in tasks/contract/states.py. A test replays the
 * server's own folds through this. Types that this page does not know count their number only.
 */
export function reduce(snapshot: Snapshot | null, event: Event): Snapshot {
  const known = readEvent(event.type, event.data);
  const opened = snapshot ?? opening(event, known);
  const numbered = { ...opened, epoch: event.epoch, seq: event.seq };
  return known === null ? numbered : withResult({ ...numbered, ...changes(numbered, known, event.at) }, known);
}

/** The snapshot after several events. */
export function reduceAll(snapshot: Snapshot | null, events: readonly Event[]): Snapshot | null {
  return events.reduce<Snapshot | null>(reduce, snapshot);
}

function opening(event: Event, known: KnownEvent | null): Snapshot {
  const queued = known?.type === "task_queued" ? known.data : null;
  return {
    task_id: event.task_id,
    kind: queued?.kind ?? "analysis",
    document_id: queued?.document_id ?? null,
    section_id: queued?.section_id ?? null,
    conversation_id: queued?.conversation_id ?? null,
    state: "PENDING",
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
    created_at: event.at,
    started_at: null,
    ended_at: null,
    error: null,
    text: "",
    findings: [],
    status: STATUS_WORDS.PENDING,
    result: null,
  };
}

function moved(state: TaskState): Pick<Snapshot, "state" | "status"> {
  return { state, status: STATUS_WORDS[state] };
}

/** What a running attempt says it does; in any other state the state's own words stand. */
function step(snapshot: Snapshot, words: string): Partial<Snapshot> {
  return snapshot.state === "PROGRESS" ? { status: words || STATUS_WORDS.PROGRESS } : {};
}

function changes(snapshot: Snapshot, event: KnownEvent, at: number): Partial<Snapshot> {
  switch (event.type) {
    case "task_queued":
      return { ...moved("PENDING"), reason: event.data.reason, retry_at: null };
    case "task_admitted":
      return { ...moved("PROGRESS"), attempt: event.data.attempt };
    case "task_started": {
      const { engine, model } = event.data;
      return { engine, model, started_at: at, progress: 0, text: "", ...step(snapshot, "Reading") };
    }
    case "progress_made":
      return { progress: event.data.percent, ...step(snapshot, event.data.status) };
    case "finding_made":
      return { findings: [...snapshot.findings, event.data.finding] };
    case "text_added":
      return { text: snapshot.text + event.data.text };
    case "usage_reported":
      return { usage: event.data.usage, cost_usd: event.data.cost_usd };
    case "task_retrying": {
      const { reason, retry_at, tries } = event.data;
      return { ...moved("RETRY"), reason, retry_at, tries };
    }
    case "task_restored":
      return restored(event.data.snapshot);
    case "task_succeeded":
      return { ...moved("SUCCESS"), progress: 100, ended_at: at, result: event.data.result };
    case "task_failed":
      return { ...moved("FAILURE"), ended_at: at, error: event.data.error };
    case "task_cancelled":
      return { ...moved("REVOKED"), ended_at: at };
  }
}

function restored(from: Readonly<Record<string, unknown>>): Partial<Snapshot> {
  const known = from as Partial<Snapshot>;
  return {
    progress: known.progress ?? 0,
    engine: known.engine ?? null,
    model: known.model ?? null,
    usage: known.usage ?? null,
    cost_usd: known.cost_usd ?? null,
    started_at: known.started_at ?? null,
    findings: (known.findings as readonly Finding[] | undefined) ?? [],
    text: known.text ?? "",
  };
}

/** The final event leaves out what earlier events carried; a result shows it again. */
function withResult(snapshot: Snapshot, event: KnownEvent): Snapshot {
  if (event.type !== "task_succeeded" || snapshot.result === null) return snapshot;
  if (snapshot.kind === "analysis") return { ...snapshot, result: { ...snapshot.result, findings: snapshot.findings } };
  if (snapshot.kind === "chat") return { ...snapshot, result: { ...snapshot.result, answer: snapshot.text } };
  return snapshot;
}
