import { signal } from "@preact/signals";
import type { QueueStats } from "../api/answers.ts";
import { get } from "../api/http.ts";
import type { Place } from "../live/protocol.ts";

/** Kind of task -> whose limit its line waits for, in words; empty where that is not known. */
export const limitWords = signal<ReadonlyMap<string, string>>(new Map());

let askedAbout: number | null = null;

/** Asks whose limit the first in line waits for, once for each time at which it opens. */
export async function learnWhoseLimit({ waiting_for, position, reopens_at }: Place, kind: string): Promise<void> {
  if (waiting_for !== "budget" || position > 1 || reopens_at === askedAbout) return;
  askedAbout = reopens_at;
  try {
    const { budgets } = await get<QueueStats>("queue_stats");
    const own = budgets[`kind:${kind}`];
    const isOwn = own !== undefined && own.limit !== null && own.left !== null && own.left < 1;
    limitWords.value = new Map([
      ...limitWords.peek(),
      [kind, isOwn ? "this server's limit" : "the account's limit"],
    ]);
  } catch {
    // Then it is only said when the task starts.
  }
}
