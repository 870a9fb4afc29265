import type { Event, Snapshot, TaskState } from "../contract.gen.ts";
import type { Follower } from "./follower.ts";
import type { Place, WaitingFor, WatchAnswer } from "./protocol.ts";

/** Browsers allow six connections to one server over HTTP/1.1; two stay free for what people press. */
const AT_ONCE = 4;
/** The longest that the server holds an answer back. */
const LONG_WAIT_S = 25;
/** With more tasks than fit at once each waits briefly, so that all get their turn. */
const SHORT_WAIT_S = 1;
const LIST_EVERY_MS = 4_000;
const AFTER_FAILURE_MS = 3_000;

/** The body of `GET /task_status`: a snapshot, with the place in line, and events when all are there. */
interface StatusBody extends Omit<Snapshot, "text" | "findings"> {
  readonly text?: string;
  readonly findings?: Snapshot["findings"];
  readonly position: number | null;
  readonly eta_s: number | null;
  readonly waiting_for: WaitingFor | null;
  readonly reopens_at: number | null;
  readonly events?: readonly Event[];
}

export interface PollerNeeds {
  readonly follower: Follower;
  /** Fetches JSON; rejects when the server cannot be reached, null for what is not there (404). */
  readonly get: (path: string, signal: AbortSignal) => Promise<unknown>;
  readonly hasEnded: (taskId: string) => boolean;
  readonly place: (place: Place) => void;
  readonly gone: (taskId: string) => void;
  /** Whether the server answers at all. */
  readonly reached: (answered: boolean) => void;
}

/** The answer to a watch that a status body amounts to. */
export function answerOf(body: StatusBody): Extract<WatchAnswer, { ok: true }> {
  const { position: _p, eta_s: _e, waiting_for: _w, reopens_at: _r, events, ...state } = body;
  const { epoch, seq } = state;
  if (events !== undefined) return { ok: true, epoch, seq, events };
  const result = state.result as { answer?: string; findings?: Snapshot["findings"] } | null;
  const text = state.text ?? result?.answer ?? "";
  const findings = state.findings ?? result?.findings ?? [];
  return { ok: true, epoch, seq, snapshot: { ...state, text, findings } };
}

/** Follows the same tasks over HTTP while there is no socket. */
export class Poller {
  readonly #needs: PollerNeeds;
  #abort: AbortController | null = null;
  readonly #polled = new Set<string>();

  constructor(needs: PollerNeeds) {
    this.#needs = needs;
  }

  get running(): boolean {
    return this.#abort !== null;
  }

  start(): void {
    if (this.#abort !== null) return;
    this.#abort = new AbortController();
    void this.#listForEver(this.#abort.signal);
    for (let worker = 0; worker < AT_ONCE; worker++) void this.#pollForEver(this.#abort.signal);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#polled.clear();
  }

  /**
   * Tasks that were created meanwhile, by this page or by another. Where there is nothing to list
   * the server is asked whether it is there: a long poll alone would not tell for half a minute.
   */
  async #listForEver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { documents } = this.#needs.follower.followed();
      if (documents.length === 0) await this.#get("healthz", signal);
      for (const documentId of documents) {
        const query = new URLSearchParams({ document_id: documentId });
        const list = (await this.#get(`tasks?${query}`, signal)) as { tasks: readonly ListedTask[] } | null | undefined;
        for (const task of list?.tasks ?? []) {
          if (!this.#isKnown(task)) await this.#poll(task.task_id, documentId, 0, signal);
        }
      }
      await pause(LIST_EVERY_MS, signal);
    }
  }

  #isKnown(task: ListedTask): boolean {
    return task.task_id in this.#needs.follower.positions();
  }

  async #pollForEver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const living = this.#needs.follower.followed().tasks.filter((taskId) => !this.#needs.hasEnded(taskId));
      const taskId = living.find((candidate) => !this.#polled.has(candidate));
      if (taskId === undefined) {
        // Everyone had a turn: begin the round again.
        if (living.length > AT_ONCE) this.#polled.clear();
        await pause(500, signal);
        continue;
      }
      this.#polled.add(taskId);
      await this.#poll(taskId, null, living.length > AT_ONCE ? SHORT_WAIT_S : LONG_WAIT_S, signal);
      if (living.length <= AT_ONCE) this.#polled.delete(taskId);
    }
  }

  async #poll(taskId: string, documentId: string | null, waitS: number, signal: AbortSignal): Promise<void> {
    const known = this.#needs.follower.positions()[taskId];
    const query = known ? `?epoch=${known.epoch}&since=${known.seq}&wait=${waitS}` : "";
    const body = (await this.#get(`task_status/${taskId}${query}`, signal)) as StatusBody | null | undefined;
    if (signal.aborted || body === undefined) return;
    if (body === null) return this.#needs.gone(taskId);
    this.#needs.follower.learn(taskId, documentId, answerOf(body));
    if (body.position !== null && body.waiting_for !== null) {
      const { position, eta_s, waiting_for, reopens_at } = body;
      this.#needs.place({ task_id: taskId, position, about: false, eta_s, waiting_for, reopens_at });
    }
  }

  /** Undefined when no answer could be had; then some time has passed already. */
  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    try {
      const body = await this.#needs.get(path, signal);
      this.#needs.reached(true);
      return body;
    } catch {
      if (!signal.aborted) this.#needs.reached(false);
      await pause(AFTER_FAILURE_MS, signal);
      return undefined;
    }
  }
}

interface ListedTask {
  readonly task_id: string;
  readonly state: TaskState;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
