import { signal } from "@preact/signals";

/** How far the server's clock is ahead of this one, as far as is known. */
let aheadMs = Number.NEGATIVE_INFINITY;

/**
 * A time that the server has just named. It was true when it left there, so it is a lower bound of
 * the present time there; the best of all bounds is kept.
 */
export function noticeServerTime(ms: number): void {
  if (Number.isFinite(ms)) aheadMs = Math.max(aheadMs, ms - Date.now());
}

/** Now, on the server's clock, in which all times of tasks are given. */
export function serverNow(): number {
  return Date.now() + (Number.isFinite(aheadMs) ? aheadMs : 0);
}

/** Forget what was learned: after a sleep this machine's clock may have been set anew. */
export function forgetServerTime(): void {
  aheadMs = Number.NEGATIVE_INFINITY;
}

/** The server's time, moving once a second: what counts down reads this. */
export const now = signal(serverNow());

setInterval(() => {
  if (!document.hidden) now.value = serverNow();
}, 1_000);
