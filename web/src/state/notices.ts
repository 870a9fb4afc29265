import { signal } from "@preact/signals";
import { Problem } from "../api/http.ts";

export interface Notice {
  readonly id: number;
  readonly sentence: string;
}

let given = 0;

/** What went wrong and is not said where it happened, newest last. Stays until it is dismissed. */
export const notices = signal<readonly Notice[]>([]);

/** Says what went wrong, with the server's own sentence where there is one. */
export function tell(error: unknown, what: string): void {
  const because = error instanceof Problem ? error.message : "This page met an error of its own. Reload it.";
  if (!(error instanceof Problem)) console.error(error);
  say(`${what} ${because}`);
}

export function say(sentence: string): void {
  const others = notices.value.filter((notice) => notice.sentence !== sentence);
  notices.value = [...others, { id: ++given, sentence }].slice(-3);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
