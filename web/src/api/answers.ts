import type { Finding, TaskError, TaskKind, TaskState } from "../contract.gen.ts";
import type { WaitingFor } from "../live/protocol.ts";

/** Bodies of HTTP answers, as the server's OpenAPI document describes them. */

export interface SectionOutline {
  readonly section_id: string;
  readonly title: string;
  readonly level: number;
  readonly chars: number;
  readonly words: number;
}

export interface SectionWhole extends SectionOutline {
  readonly text: string;
}

export interface DocumentCreated {
  readonly document_id: string;
  readonly name: string;
}

export interface DocumentListed {
  readonly document_id: string;
  readonly name: string;
  readonly format: string;
  readonly created_at: number;
  readonly size_bytes: number;
  readonly section_count: number;
}

export interface DocumentList {
  readonly documents: readonly DocumentListed[];
  readonly cursor: string | null;
}

export interface FrameworkListed {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface FrameworkList {
  readonly frameworks: readonly FrameworkListed[];
}

export interface SectionTask {
  readonly section_id: string | null;
  readonly task_id: string;
  readonly state: TaskState;
  /** What a person must know of the review as a whole. */
  readonly notice?: string | null;
}

export interface DocumentWhole {
  readonly document_id: string;
  readonly name: string;
  readonly format: string;
  readonly sections: readonly SectionWhole[];
  readonly warnings: readonly string[];
  readonly findings: readonly Finding[];
  readonly tasks: readonly SectionTask[];
}

export interface TaskAccepted {
  readonly task_id: string;
  readonly conversation_id?: string;
}

export interface TasksAccepted {
  readonly tasks: readonly { readonly section_id: string; readonly task_id: string }[];
}

export interface TaskListed {
  readonly task_id: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly document_id: string | null;
  readonly section_id: string | null;
  readonly progress: number;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly error: TaskError | null;
}

export interface TaskList {
  readonly tasks: readonly TaskListed[];
  readonly cursor: string | null;
}

export interface Citation {
  readonly section_id: string;
  readonly quote: string;
}

export interface Turn {
  readonly task_id: string;
  readonly message: string;
  readonly state: TaskState;
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly engine: string | null;
  readonly model: string | null;
  readonly error: TaskError | null;
}

export interface ConversationList {
  readonly conversations: readonly { readonly conversation_id: string }[];
}

export interface ConversationWhole {
  readonly conversation_id: string;
  readonly turns: readonly Turn[];
}

export interface CostLevel {
  readonly spent_usd: number;
  readonly held_usd: number;
  readonly limit_usd: number | null;
  readonly state: "unlimited" | "open" | "near" | "reached";
  readonly opens_at: number;
}

export interface Costs {
  readonly mine: CostLevel;
  readonly all: CostLevel;
  readonly prices_as_of: string;
}

export interface KindStats {
  readonly waiting: number;
  readonly reserved: number;
  readonly active: number;
  readonly parked: number;
  readonly slots: number;
  readonly free: number;
  readonly limit_per_minute: number | null;
  readonly waiting_for: WaitingFor;
  readonly reopens_at: number | null;
}

export interface BudgetStats {
  readonly limit: number | null;
  readonly left: number | null;
  readonly in_flight: number;
  readonly closed_until: number | null;
  readonly reason: string | null;
}

export interface MinuteStats {
  readonly at: number;
  readonly started: number;
  readonly failed: number;
  readonly wait_median_ms: number | null;
  readonly wait_p95_ms: number | null;
  readonly share: number;
}

export interface QueueHistory {
  readonly minutes: readonly MinuteStats[];
}

export interface About {
  readonly access: string;
  readonly mode: string;
  readonly retention_days: number;
}

export interface KeyListed {
  readonly key_id: string;
  readonly name: string;
  readonly created_at: number;
}

export interface KeyCreated extends KeyListed {
  readonly key: string;
}

export interface KeyList {
  readonly keys: readonly KeyListed[];
}

export interface QueueStats {
  readonly available: boolean;
  readonly mode: string;
  readonly workers: number;
  readonly slots: number;
  readonly active_tasks: number;
  readonly reserved_tasks: number;
  readonly total_pending: number;
  readonly oldest_wait_s: number;
  readonly engines: readonly string[];
  readonly kinds: Readonly<Partial<Record<TaskKind, KindStats>>>;
  readonly budgets: Readonly<Record<string, BudgetStats>>;
  readonly dead: number;
}
