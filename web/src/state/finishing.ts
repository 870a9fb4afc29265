import { effect, untracked } from "@preact/signals";
import { counted } from "../words/durations.ts";
import { announce } from "./announcing.ts";
import { notifyOn } from "./kept.ts";
import { findingCount } from "./margins.ts";
import { counts, shown } from "./review.ts";

/** A review that is done sooner was waited for. */
const LONG_MS = 20_000;

let begunAt = 0;
let busyBefore = 0;
let endedBefore = 0;
let toldOf = "";

// A burst of findings is one sentence, and so is a burst of sections that end.
effect(() => {
  const { sections, done, busy, failed } = counts.value;
  const documentId = shown.value?.document_id ?? "";
  untracked(() => {
    if (documentId !== toldOf) {
      toldOf = documentId;
      busyBefore = 0;
    }
    if (busy > 0 && busyBefore === 0) begunAt = Date.now();
    const found = counted(findingCount.value, "finding");
    const failures = failed > 0 ? `, ${failed} failed` : "";
    const words = `${done} of ${counted(sections, "section")}${failures}, ${found}.`;
    // What was stopped, or was never heard of, is not done.
    const isDone = busy === 0 && done + failed > endedBefore;
    if (busy < busyBefore) announce(isDone ? `The review is done: ${words}` : words);
    if (isDone && busyBefore > 0) notify(words);
    busyBefore = busy;
    endedBefore = done + failed;
  });
});

function notify(words: string): void {
  const document_ = shown.value;
  const isLong = Date.now() - begunAt > LONG_MS;
  if (!notifyOn.value || !document.hidden || !isLong || document_ === null || !("Notification" in window)) return;
  if (Notification.permission !== "granted") return;
  const notification = new Notification(`${document_.name} is reviewed`, { body: words, tag: document_.document_id });
  notification.onclick = () => (window.focus(), notification.close());
}
