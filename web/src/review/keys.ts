import { findingOf } from "../state/margins.ts";
import { judge, ordered } from "../state/review.ts";
import { select, selected } from "../state/selection.ts";

const TYPING = "input, textarea, select, [contenteditable]";

/** j and k go through the findings, a accepts, x rejects, Escape lets go. Returns how to stop it. */
export function listenToKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest(TYPING)) return;
    const act = ACTIONS[event.key];
    if (act) act();
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

const ACTIONS: Readonly<Record<string, () => void>> = {
  j: () => step(1),
  k: () => step(-1),
  a: () => decide("accepted"),
  x: () => decide("rejected"),
  Escape: () => select(null, false),
};

function step(by: 1 | -1): void {
  const all = ordered.peek();
  const at = all.findIndex((finding) => finding.finding_id === selected.peek());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  const finding = all[next];
  if (finding) select(finding.finding_id, true);
}

function decide(status: "accepted" | "rejected"): void {
  const finding = findingOf(selected.peek());
  if (finding?.status === "open") void judge(finding, status);
}
