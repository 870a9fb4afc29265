import type { Snapshot } from "../contract.gen.ts";
import { dollars, inWords } from "../words/durations.ts";
import { engineName } from "../words/engines.ts";
import { taskWords, type TaskWords } from "../words/task_words.ts";
import { now } from "./clock.ts";
import { limitWords } from "./limits.ts";
import { engines, stopping } from "./review.ts";
import { hasEnded, place } from "./tasks.ts";

export interface Standing extends TaskWords {
  /** Time, cost and engine, as far as they are known. */
  readonly facts: readonly string[];
}

/** Where a task stands, now, by the server's clock. `found` is what is shown for its section. */
export function standingOf(snapshot: Snapshot, found: number): Standing {
  if (!hasEnded(snapshot) && stopping.value.has(snapshot.task_id)) {
    return { shape: "stopped", words: "stopping…", facts: [] };
  }
  // Of a task that only a list has spoken of, nobody knows yet what it found.
  if (snapshot.state === "SUCCESS" && snapshot.seq === 0) return { shape: "done", words: "done", facts: [] };
  const at = snapshot.state === "PENDING" ? place(snapshot.task_id).value : null;
  const time = hasEnded(snapshot) ? (snapshot.ended_at ?? 0) : now.value;
  const limit = limitWords.value.get(snapshot.kind) ?? "";
  return { ...taskWords(snapshot, at, time, found, limit), facts: factsOf(snapshot, time) };
}

function factsOf(
  { state, result, started_at: startedAt, cost_usd: cost, engine, model }: Snapshot,
  time: number,
): string[] {
  if (result?.["cached"]) return ["as an earlier review of the same words found"];
  if (startedAt === null || state === "PENDING" || state === "RETRY") return [];
  const elapsed = inWords(time - startedAt);
  if (state !== "SUCCESS") return [elapsed];
  // Where one engine speaks for the whole document, the document names it.
  const name = engines.value.length === 1 ? [] : [engineName(engine, model)];
  return [elapsed, ...(cost ? [dollars(cost)] : []), ...name];
}

/** What helps whoever runs the server: everything that is known of a task, as text. */
export function detailsOf(snapshot: Snapshot, what: string): string {
  const at = (ms: number | null): string => (ms === null ? "not yet" : new Date(ms).toISOString());
  const { error } = snapshot;
  return [
    `Galley: ${what}`,
    `task ${snapshot.task_id}, ${snapshot.kind}, ${snapshot.state}, attempt ${snapshot.attempt}`,
    `event ${snapshot.epoch}:${snapshot.seq}`,
    `asked ${at(snapshot.created_at)}, started ${at(snapshot.started_at)}, ended ${at(snapshot.ended_at)}`,
    `engine ${engineName(snapshot.engine, snapshot.model) || "none yet"}`,
    ...(error ? [`error ${error.code}${error.retryable ? " (may be tried again)" : ""}: ${error.message}`] : []),
  ].join("\n");
}
