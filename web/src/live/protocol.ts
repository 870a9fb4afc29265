import type { Event, Snapshot } from "../contract.gen.ts";

/** How far a task is known: every event up to and including `seq` of this epoch. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** The server's answer to a watch: what was missed, or the present state where history is gone. */
export type WatchAnswer =
  | { readonly ok: true; readonly epoch: number; readonly seq: number; readonly events: readonly Event[] }
  | { readonly ok: true; readonly epoch: number; readonly seq: number; readonly snapshot: Snapshot | null }
  | { readonly ok: false; readonly code: string };

export type DocumentAnswer =
  | { readonly ok: true; readonly tasks: Readonly<Record<string, WatchAnswer>> }
  | { readonly ok: false; readonly code: string };

/** Forget what is known of the task and show this; null: the task is gone. */
export interface TaskReset extends Position {
  readonly task_id: string;
  readonly snapshot: Snapshot | null;
}

export type WaitingFor = "turn" | "budget" | "worker" | "engine";

/** Where a waiting task stands in line. Not an event: it is never part of a log. */
export interface Place {
  readonly task_id: string;
  readonly position: number;
  readonly about: boolean;
  readonly eta_s: number | null;
  readonly waiting_for: WaitingFor;
  readonly reopens_at: number | null;
}

/** Whether the server reaches its store. Told when that changes, and after connecting when it does not. */
export interface ServiceStatus {
  readonly store: "up" | "away";
}

/** Where what is learned goes. Events come in order, each once; a snapshot replaces all before it. */
export interface Sink {
  events(taskId: string, events: readonly Event[]): void;
  snapshot(taskId: string, snapshot: Snapshot | null): void;
  /** A followed document that is not there (any more). */
  documentGone(documentId: string): void;
}

/** Something that carries questions to the server and brings answers; rejects when none can come. */
export interface Line {
  readonly open: boolean;
  ask(name: string, payload: object): Promise<unknown>;
}
