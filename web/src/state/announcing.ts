import { effect, signal } from "@preact/signals";

/** Long enough that a burst is one sentence, short enough to be about now. */
const GATHER_MS = 1_500;

/** By then it was read out; who comes to the region later must not find old news in it. */
const KEPT_MS = 6_000;

/** What is read out next. There is one such region, so that nothing is read over anything else. */
export const announced = signal("");

effect(() => {
  const said = announced.value;
  if (said === "") return undefined;
  const timer = setTimeout(() => (announced.value = ""), KEPT_MS);
  return () => clearTimeout(timer);
});

let gathered: string[] = [];
let planned = false;

/** Has a change of state read out, politely, together with what else changes in the same moment. */
export function announce(sentence: string): void {
  if (sentence === "") return;
  gathered = [...gathered.filter((each) => each !== sentence), sentence];
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    announced.value = gathered.join(" ");
    gathered = [];
  }, GATHER_MS);
}

/** Says at once what a person has just asked for, such as the next finding. */
export function answer(sentence: string): void {
  announced.value = sentence;
}
