import type { Snapshot } from "../contract.gen.ts";
import { findingsOf } from "../state/margins.ts";
import { reviewOf, sending } from "../state/review.ts";
import { standingOf, type Standing } from "../state/standing.ts";
import { hasEnded } from "../state/tasks.ts";

export interface SectionState extends Standing {
  readonly snapshot: Snapshot | null;
  /** Whether something of it is under way, so that asking again would be one too many. */
  readonly busy: boolean;
}

/** Where a section's review stands, also while the request for it is on its way. */
export function sectionState(sectionId: string): SectionState {
  const snapshot = reviewOf(sectionId);
  const words = sending.value.get(sectionId);
  if (words !== undefined) return { snapshot, busy: true, shape: "waiting", words, facts: [] };
  if (snapshot === null) return { snapshot, busy: false, shape: "idle", words: "not reviewed yet", facts: [] };
  // Those of earlier reviews stay beside the text until this one is done, but it has not found them.
  const found = hasEnded(snapshot) ? findingsOf(sectionId).value.length : snapshot.findings.length;
  return { snapshot, busy: !hasEnded(snapshot), ...standingOf(snapshot, found) };
}
