import { io, type Socket } from "socket.io-client";
import type { Event } from "../contract.gen.ts";
import type { Line, Place, ServiceStatus, TaskReset } from "./protocol.ts";

/** An answer that takes longer comes from a link that is dead though it looks open. */
const ANSWER_WITHIN_MS = 10_000;
/** After the server itself closed the socket the client library does not try again by itself. */
const RETURN_AFTER_MS = 2_000;

/** A server that stops lets go of every page at the same moment; they must not all come back at one. */
const SPREAD = 0.5;
const spread = (ms: number): number => ms * (1 - SPREAD + 2 * SPREAD * Math.random());

export interface Heard {
  opened(): void;
  lost(): void;
  events(events: readonly Event[]): void;
  reset(reset: TaskReset): void;
  place(place: Place): void;
  stats(stats: unknown): void;
  service(status: ServiceStatus): void;
}

/** The socket: WebSocket only, comes back by itself, and drops a link that no longer answers. */
export class Connection implements Line {
  readonly #socket: Socket;
  #returning: ReturnType<typeof setTimeout> | null = null;

  constructor(heard: Heard) {
    this.#socket = io({
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      randomizationFactor: SPREAD,
      timeout: ANSWER_WITHIN_MS,
      autoConnect: false,
    });
    this.#socket.on("connect", () => heard.opened());
    this.#socket.on("disconnect", () => {
      heard.lost();
      this.#returnLater();
    });
    this.#socket.on("connect_error", () => this.#returnLater());
    this.#socket.on("task_events", (events: readonly Event[]) => heard.events(events));
    this.#socket.on("task_reset", (reset: TaskReset) => heard.reset(reset));
    this.#socket.on("queue_update", (place: Place) => heard.place(place));
    this.#socket.on("queue_stats", (stats: unknown) => heard.stats(stats));
    this.#socket.on("service_status", (status: ServiceStatus) => heard.service(status));
  }

  get open(): boolean {
    return this.#socket.connected;
  }

  /** Connect now, without waiting for the next try. */
  connect(): void {
    if (!this.#socket.connected) this.#socket.connect();
  }

  async ask(name: string, payload: object): Promise<unknown> {
    try {
      return await this.#socket.timeout(ANSWER_WITHIN_MS).emitWithAck(name, payload);
    } catch (error) {
      if (this.#socket.connected) this.#socket.io.engine.close();
      throw error;
    }
  }

  #returnLater(): void {
    if (this.#socket.active || this.#returning !== null) return;
    this.#returning = setTimeout(() => {
      this.#returning = null;
      this.#socket.connect();
    }, spread(RETURN_AFTER_MS));
  }
}
