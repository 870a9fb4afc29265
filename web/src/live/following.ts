import type { Event, Snapshot } from "../contract.gen.ts";
import type { Position, Sink, TaskReset, WatchAnswer } from "./protocol.ts";

type Held = { readonly events: readonly Event[] } | { readonly reset: TaskReset };
type Verdict = "old" | "next" | "gap";

/** What an event is to someone who stands at `position`. Pure; the whole rule is here. */
export function judge(position: Position | null, event: Position): Verdict {
  if (position === null) return event.seq === 1 ? "next" : "gap";
  if (event.epoch < position.epoch) return "old";
  if (event.epoch > position.epoch) return "gap";
  if (event.seq <= position.seq) return "old";
  return event.seq === position.seq + 1 ? "next" : "gap";
}

/**
 * One task as this page follows it: hands on every event once and in order, and says when it has to
 * watch again. While a watch is unanswered everything that arrives is held, because client
 * libraries may hand over an event before the answer that it follows.
 */
export class Following {
  readonly taskId: string;
  documentId: string | null;
  /** The number of the watch whose answer is awaited; null when none is. */
  awaited: number | null = null;
  #position: Position | null = null;
  #held: Held[] = [];
  readonly #sink: Sink;

  constructor(taskId: string, documentId: string | null, sink: Sink) {
    this.taskId = taskId;
    this.documentId = documentId;
    this.#sink = sink;
  }

  get position(): Position | null {
    return this.#position;
  }

  /** Takes events as they arrive. True: something is missing, watch again. */
  take(events: readonly Event[]): boolean {
    if (this.awaited !== null) {
      this.#held.push({ events });
      return false;
    }
    const next: Event[] = [];
    let missing = false;
    for (const [index, event] of events.entries()) {
      const verdict = judge(this.#position, event);
      if (verdict === "gap") {
        this.#held.push({ events: events.slice(index) });
        missing = true;
        break;
      }
      if (verdict === "next") {
        this.#position = { epoch: event.epoch, seq: event.seq };
        next.push(event);
      }
    }
    if (next.length > 0) this.#sink.events(this.taskId, next);
    return missing;
  }

  /** Takes a reset: what is shown is replaced. */
  reset(reset: TaskReset): void {
    if (this.awaited !== null) this.#held.push({ reset });
    else this.replace(reset, reset.snapshot);
  }

  /** Takes the state as a whole, from wherever it came. */
  replace(position: Position, snapshot: Snapshot | null): void {
    this.#position = { epoch: position.epoch, seq: position.seq };
    this.#sink.snapshot(this.taskId, snapshot);
  }

  /** Takes the answer to a watch, then what was held. True: something is still missing. */
  settle(answer: Extract<WatchAnswer, { ok: true }>): boolean {
    this.awaited = null;
    const held = this.#held;
    this.#held = [];
    if ("snapshot" in answer) this.replace(answer, answer.snapshot);
    let missing = "events" in answer && this.take(answer.events);
    for (const message of held) {
      if ("reset" in message) {
        if (judge(this.#position, message.reset) !== "old") this.reset(message.reset);
      } else if (missing) this.#held.push(message);
      else missing = this.take(message.events);
    }
    return missing;
  }

  /** Lets go of what was held: a new watch asks for all of it. */
  release(): void {
    this.awaited = null;
    this.#held = [];
  }
}
