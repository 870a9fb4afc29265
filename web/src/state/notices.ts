import { signal } from "@preact/signals";
import { Problem } from "../api/http.ts";
import { inWords } from "../words/durations.ts";

export interface Notice {
  readonly id: number;
  readonly sentence: string;
  /** The reason, where it is one that makes many things fail at once; such are said once. */
  readonly because: string | null;
  /** What can be done about it here and now. */
  readonly remedy: Remedy | null;
}

export interface Remedy {
  readonly words: string;
  readonly run: () => void;
}

let given = 0;

/** What went wrong and is not said where it happened, newest last. Stays until it is dismissed or the screen is left. */
export const notices = signal<readonly Notice[]>([]);

window.addEventListener("hashchange", () => (notices.value = []));

/** Says what went wrong, with the server's own sentence where there is one. */
export function tell(error: unknown, what: string): void {
  const because = error instanceof Problem ? error.message : "This page met an error of its own. Reload it.";
  if (!(error instanceof Problem)) console.error(error);
  const shared = error instanceof Problem && error.passing ? because : null;
  say(`${what} ${because}`, shared);
}

/** Says that the day's cost limit is reached, and offers what needs no money. */
export function tellOfCostLimit(problem: Problem, what: string, withoutAi: () => void): void {
  const again = problem.retryAfterMs === null ? "" : ` Ask again in ${inWords(problem.retryAfterMs)}.`;
  const because = `Today's cost limit is reached.${again}`;
  say(`${what} ${because}`, null, { words: "Check without AI", run: withoutAi });
}

export function say(sentence: string, because: string | null = null, remedy: Remedy | null = null): void {
  const same = (notice: Notice): boolean =>
    notice.sentence === sentence || (because !== null && notice.because === because);
  notices.value = [
    ...notices.value.filter((notice) => !same(notice)),
    { id: ++given, sentence, because, remedy },
  ].slice(-3);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
