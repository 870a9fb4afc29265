import type { Event } from "../contract.gen.ts";
import { Following } from "./following.ts";
import type { DocumentAnswer, Line, Position, Sink, TaskReset, WatchAnswer } from "./protocol.ts";

/** How long to wait before a refused or fruitless watch is sent again. */
const ASK_AGAIN_MS = 2_000;
/** A message may have 64 KB; the tasks beyond these are answered from their beginning. */
const MOST_POSITIONS = 1_000;

type Later = (callback: () => void, ms: number) => unknown;

/**
 * Everything this page follows: which tasks, which documents with all their tasks, and what has to
 * be asked again after the line was lost. Knows neither sockets nor the page.
 */
export class Follower {
  readonly #line: Line;
  readonly #sink: Sink;
  readonly #later: Later;
  readonly #tasks = new Map<string, Following>();
  /** Document -> number of the watch whose answer is awaited, or null. */
  readonly #documents = new Map<string, number | null>();
  /** Events of unknown tasks while a document's answer, which may name them, is awaited. */
  #unplaced: (readonly Event[])[] = [];
  #asked = 0;

  constructor(line: Line, sink: Sink, later: Later = setTimeout) {
    this.#line = line;
    this.#sink = sink;
    this.#later = later;
  }

  /** Follow one task; with its document, it is let go of together with that. */
  watch(taskId: string, documentId: string | null = null): void {
    if (this.#tasks.has(taskId)) return;
    void this.#ask(this.#follow(taskId, documentId));
  }

  /** Stop following one task. */
  unwatch(taskId: string): void {
    if (this.#tasks.delete(taskId) && this.#line.open) {
      this.#line.ask("unwatch", { task_id: taskId }).catch(() => undefined);
    }
  }

  /** Follow all tasks of a document, those to come included. */
  watchDocument(documentId: string): void {
    if (this.#documents.has(documentId)) return;
    this.#documents.set(documentId, null);
    void this.#askDocument(documentId);
  }

  /** Stop following a document and its tasks. */
  unwatchDocument(documentId: string): void {
    if (!this.#documents.delete(documentId)) return;
    for (const [taskId, following] of this.#tasks) if (following.documentId === documentId) this.#tasks.delete(taskId);
    if (this.#line.open) this.#line.ask("unwatch_document", { document_id: documentId }).catch(() => undefined);
  }

  /** The line is there (again), or may have slept: ask for everything that was missed. */
  async watchAgain(): Promise<void> {
    const alone = [...this.#tasks.values()].filter((following) => following.documentId === null);
    const asked = [...this.#documents.keys()].map((documentId) => this.#askDocument(documentId));
    await Promise.all([...asked, ...alone.map((following) => this.#ask(following))]);
  }

  /** The line is gone, and with it every answer that was still to come. */
  lost(): void {
    for (const following of this.#tasks.values()) following.release();
    for (const documentId of this.#documents.keys()) this.#documents.set(documentId, null);
    this.#unplaced = [];
  }

  /** Events of one task, as they arrive. */
  receive(events: readonly Event[]): void {
    const first = events[0];
    if (first === undefined) return;
    const following = this.#tasks.get(first.task_id) ?? this.#adopt(first);
    if (following !== null) this.#take(following, events);
    else if (this.#awaitsDocument()) this.#unplaced.push(events);
    else if (this.#documents.size > 0) this.watch(first.task_id);
  }

  /** A task's history is gone; this is its state. */
  receiveReset(reset: TaskReset): void {
    const documentId = reset.snapshot?.document_id ?? null;
    let following = this.#tasks.get(reset.task_id);
    if (following === undefined && documentId !== null && this.#documents.has(documentId)) {
      following = this.#follow(reset.task_id, documentId);
    }
    following?.reset(reset);
    if (reset.snapshot === null && following?.awaited === null) this.#tasks.delete(reset.task_id);
  }

  /** What was learned about a task by another way than the line, such as HTTP. */
  learn(taskId: string, documentId: string | null, answer: Extract<WatchAnswer, { ok: true }>): void {
    const following = this.#tasks.get(taskId) ?? this.#follow(taskId, documentId);
    following.release();
    following.settle(answer);
  }

  /** How far each task is known, of one document or of all. */
  positions(documentId?: string): Record<string, Position> {
    const known: Record<string, Position> = {};
    for (const [taskId, { position, documentId: owner }] of this.#tasks) {
      if (position !== null && (documentId === undefined || owner === documentId)) known[taskId] = position;
    }
    return known;
  }

  /** The tasks and the documents that are followed. */
  followed(): { readonly tasks: readonly string[]; readonly documents: readonly string[] } {
    return { tasks: [...this.#tasks.keys()], documents: [...this.#documents.keys()] };
  }

  #follow(taskId: string, documentId: string | null): Following {
    const following = new Following(taskId, documentId, this.#sink);
    this.#tasks.set(taskId, following);
    return following;
  }

  /** A task that was just created for a document that is followed. */
  #adopt(first: Event): Following | null {
    const documentId = first.seq === 1 ? first.data["document_id"] : null;
    if (typeof documentId !== "string" || !this.#documents.has(documentId)) return null;
    return this.#follow(first.task_id, documentId);
  }

  #awaitsDocument(): boolean {
    return [...this.#documents.values()].some((awaited) => awaited !== null);
  }

  #take(following: Following, events: readonly Event[]): void {
    if (following.take(events)) void this.#ask(following);
  }

  async #ask(following: Following): Promise<void> {
    if (!this.#line.open) return;
    const number = ++this.#asked;
    following.awaited = number;
    const answer = await this.#answer<WatchAnswer>("watch", { task_id: following.taskId, ...following.position });
    if (following.awaited === number) this.#settle(following, answer);
  }

  async #askDocument(documentId: string): Promise<void> {
    if (!this.#line.open) return;
    const number = ++this.#asked;
    this.#documents.set(documentId, number);
    const positions: Record<string, [number, number]> = {};
    let named = 0;
    for (const following of this.#ofDocument(documentId)) {
      following.awaited = number;
      if (following.position && named++ < MOST_POSITIONS) {
        positions[following.taskId] = [following.position.epoch, following.position.seq];
      }
    }
    const answer = await this.#answer<DocumentAnswer>("watch_document", { document_id: documentId, positions });
    if (this.#documents.get(documentId) === number) this.#settleDocument(documentId, number, answer);
  }

  /** Null when no answer came. The line asks again for everything when it is back. */
  async #answer<T>(name: string, payload: object): Promise<T | null> {
    try {
      return (await this.#line.ask(name, payload)) as T;
    } catch {
      return null;
    }
  }

  #settle(following: Following, answer: WatchAnswer | null): void {
    if (answer?.ok) {
      // Fruitless twice in a row would ask for ever without a pause.
      if (following.settle(answer)) this.#later(() => void this.#ask(following), ASK_AGAIN_MS / 10);
    } else if (answer?.code === "not_found") {
      this.#tasks.delete(following.taskId);
      this.#sink.snapshot(following.taskId, null);
    } else this.#later(() => void (following.awaited !== null && this.#ask(following)), ASK_AGAIN_MS);
  }

  #refusedDocument(documentId: string, number: number, gone: boolean): void {
    if (gone) {
      this.#documents.set(documentId, null);
      this.#sink.documentGone(documentId);
    } else {
      const again = (): boolean => this.#documents.get(documentId) === number;
      this.#later(() => void (again() && this.#askDocument(documentId)), ASK_AGAIN_MS);
    }
  }

  #settleDocument(documentId: string, number: number, answer: DocumentAnswer | null): void {
    if (!answer?.ok) {
      this.#refusedDocument(documentId, number, answer?.code === "not_found");
      return;
    }
    this.#documents.set(documentId, null);
    for (const [taskId, ofTask] of Object.entries(answer.tasks)) {
      const following = this.#tasks.get(taskId) ?? this.#follow(taskId, documentId);
      following.documentId ??= documentId;
      this.#settle(following, ofTask);
    }
    // A task that the answer leaves out is followed from where it was: a gap would show itself.
    for (const following of this.#ofDocument(documentId)) {
      if (following.awaited === number) this.#settle(following, { ok: true, epoch: 0, seq: 0, events: [] });
    }
    const unplaced = this.#unplaced;
    this.#unplaced = [];
    for (const events of unplaced) this.receive(events);
  }

  #ofDocument(documentId: string): readonly Following[] {
    return [...this.#tasks.values()].filter((following) => following.documentId === documentId);
  }
}
