import { Connection } from "./connection.ts";
import { Follower } from "./follower.ts";
import { Poller } from "./poller.ts";
import type { Place, Sink } from "./protocol.ts";
import { onWake } from "./wake.ts";

/** How long to wait for the socket before asking over HTTP instead. */
const FALL_BACK_AFTER_MS = 10_000;
/** Hundreds of new tasks are not asked for one by one unless they fail to show up. */
const UNHEARD_AFTER_MS = 1_500;

/**
 * What connects this page to the server: `connecting` at first; `live` when all is caught up and
 * pushed; `reconnecting` while the socket is gone; `polling` over HTTP; `unreachable` when HTTP
 * brings nothing either.
 */
export type Phase = "connecting" | "live" | "reconnecting" | "polling" | "unreachable";

export interface LiveNeeds extends Sink {
  place(place: Place): void;
  stats(stats: unknown): void;
  phase(phase: Phase): void;
  /** Whether the server, which can be reached, says that its store cannot. */
  storeAway(away: boolean): void;
  hasEnded(taskId: string): boolean;
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

/** The page's live side: follows tasks and documents over the socket, else over HTTP. */
export class LiveClient {
  readonly #needs: LiveNeeds;
  readonly #connection: Connection;
  readonly #follower: Follower;
  readonly #poller: Poller;
  #phase: Phase = "connecting";
  #fallBack: ReturnType<typeof setTimeout> | null = null;
  #watchesQueue = false;

  constructor(needs: LiveNeeds) {
    this.#needs = needs;
    this.#connection = new Connection({
      opened: () => void this.#opened(),
      lost: () => this.#lost(),
      events: (events) => this.#follower.receive(events),
      reset: (reset) => this.#follower.receiveReset(reset),
      place: (place) => needs.place(place),
      stats: (stats) => needs.stats(stats),
      service: ({ store }) => needs.storeAway(store === "away"),
    });
    this.#follower = new Follower(this.#connection, needs);
    this.#poller = new Poller({
      follower: this.#follower,
      get: needs.get,
      hasEnded: (taskId) => needs.hasEnded(taskId),
      place: (place) => needs.place(place),
      gone: (taskId) => needs.snapshot(taskId, null),
      reached: (answered) => this.#enter(answered ? "polling" : "unreachable"),
    });
  }

  start(): void {
    this.#connection.connect();
    this.#fallBackLater();
    onWake(() => {
      if (this.#connection.open) void this.#follower.watchAgain();
      else this.#connection.connect();
    });
  }

  /** Follow tasks that were just created. Those of a watched document mostly come by themselves. */
  watch(taskIds: readonly string[], documentId: string | null): void {
    const afterMs = taskIds.length > 1 && documentId !== null ? UNHEARD_AFTER_MS : 0;
    setTimeout(() => {
      for (const taskId of taskIds) this.#follower.watch(taskId, documentId);
    }, afterMs);
  }

  unwatch(taskIds: readonly string[]): void {
    for (const taskId of taskIds) this.#follower.unwatch(taskId);
  }

  watchDocument(documentId: string): void {
    this.#follower.watchDocument(documentId);
  }

  unwatchDocument(documentId: string): void {
    this.#follower.unwatchDocument(documentId);
  }

  /** Have the queue's figures sent, or no longer. */
  watchQueue(wanted: boolean): void {
    this.#watchesQueue = wanted;
    if (this.#connection.open) this.#askQueue();
  }

  #askQueue(): void {
    this.#connection.ask(this.#watchesQueue ? "watch_queue" : "unwatch_queue", {}).catch(() => undefined);
  }

  async #opened(): Promise<void> {
    if (this.#fallBack !== null) clearTimeout(this.#fallBack);
    this.#fallBack = null;
    this.#poller.stop();
    if (this.#watchesQueue) this.#askQueue();
    await this.#follower.watchAgain();
    if (this.#connection.open) this.#enter("live");
  }

  #lost(): void {
    this.#follower.lost();
    // Whoever answers next says it again when it is still so.
    this.#needs.storeAway(false);
    this.#enter("reconnecting");
    this.#fallBackLater();
  }

  #fallBackLater(): void {
    if (this.#fallBack !== null || this.#poller.running) return;
    this.#fallBack = setTimeout(() => {
      this.#fallBack = null;
      // What it is called from now on depends on whether anything answers.
      if (!this.#connection.open) this.#poller.start();
    }, FALL_BACK_AFTER_MS);
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase || (this.#connection.open && phase !== "live")) return;
    this.#phase = phase;
    this.#needs.phase(phase);
  }
}
