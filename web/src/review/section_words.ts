import type { Snapshot } from "../contract.gen.ts";
import { now } from "../state/clock.ts";
import { findingsOf } from "../state/margins.ts";
import { reviewOf, sending } from "../state/review.ts";
import { hasEnded, place } from "../state/tasks.ts";
import { taskWords, type TaskWords } from "../words/task_words.ts";

export interface SectionState extends TaskWords {
  readonly snapshot: Snapshot | null;
  /** Whether something of it is under way, so that asking again would be one too many. */
  readonly busy: boolean;
}

/** Where a section's review stands, also while the request for it is on its way. */
export function sectionState(sectionId: string): SectionState {
  const snapshot = reviewOf(sectionId);
  const words = sending.value.get(sectionId);
  if (words !== undefined) return { snapshot, busy: true, shape: "waiting", words };
  if (snapshot === null) return { snapshot, busy: false, shape: "idle", words: "not reviewed yet" };
  // Those of earlier reviews stay beside the text until this one is done, but it has not found them.
  const found = hasEnded(snapshot) ? findingsOf(sectionId).value.length : snapshot.findings.length;
  const at = snapshot.state === "PENDING" ? place(snapshot.task_id).value : null;
  const time = hasEnded(snapshot) ? 0 : now.value;
  return { snapshot, busy: !hasEnded(snapshot), ...taskWords(snapshot, at, time, found) };
}
