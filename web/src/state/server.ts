import { effect, signal } from "@preact/signals";
import { find } from "../api/http.ts";
import type { QueueStats } from "../api/answers.ts";
import { LiveClient, type Phase } from "../live/client.ts";
import { learnWhoseLimit } from "./limits.ts";
import { hasEnded, takeEvents, takePlace, takeSnapshot, task } from "./tasks.ts";

/** How long "Back, caught up" stays. */
const CAUGHT_UP_SHOWN_MS = 4_000;

/** What connects this page to the server just now. */
export const phase = signal<Phase>("connecting");
/** True for a moment after a connection that was gone is back and nothing is missing. */
export const caughtUp = signal(false);
/** Whether the server says that it cannot reach its store. */
export const storeAway = signal(false);
/** The followed document of which the server last said that it is not there. */
export const goneDocument = signal<string | null>(null);
/** The queue's figures, while somebody looks at them. */
export const queueStats = signal<QueueStats | null>(null);

let wasAway = false;

effect(() => {
  if (phase.value === "live" && wasAway) {
    wasAway = false;
    caughtUp.value = true;
    setTimeout(() => (caughtUp.value = false), CAUGHT_UP_SHOWN_MS);
  } else if (phase.value !== "live" && phase.value !== "connecting") {
    wasAway = true;
    caughtUp.value = false;
  }
});

export const live = new LiveClient({
  events: takeEvents,
  snapshot: takeSnapshot,
  documentGone: (documentId) => (goneDocument.value = documentId),
  place: (place) => {
    takePlace(place);
    void learnWhoseLimit(place, task(place.task_id).peek()?.kind ?? "analysis");
  },
  stats: (stats) => (queueStats.value = stats as QueueStats),
  phase: (entered) => (phase.value = entered),
  storeAway: (away) => (storeAway.value = away),
  hasEnded: (taskId) => hasEnded(task(taskId).peek()),
  get: find,
});
