import { signal } from "@preact/signals";
import type { MinuteStats, QueueHistory } from "../api/answers.ts";
import { get } from "../api/http.ts";

/** The present minute grows; the others stay as they are. */
const AGAIN_AFTER_MS = 5_000;

/** The last hour by minute, oldest first; empty until the server has answered. */
export const minutes = signal<readonly MinuteStats[]>([]);

export async function loadHistory(): Promise<void> {
  minutes.value = (await get<QueueHistory>("queue_stats/history")).minutes;
}

/** Keeps it fresh while somebody looks. Returns how to stop it. */
export function followHistory(): () => void {
  const timer = setInterval(() => {
    // While the server is away the charts stand still, and the page says why.
    if (!document.hidden) loadHistory().catch(() => undefined);
  }, AGAIN_AFTER_MS);
  return () => clearInterval(timer);
}
