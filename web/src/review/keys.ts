import { signal } from "@preact/signals";
import { answer } from "../state/announcing.ts";
import { openTab } from "../state/drawer.ts";
import { judge, undo } from "../state/judging.ts";
import { keysOn } from "../state/kept.ts";
import { findingOf } from "../state/margins.ts";
import { ordered } from "../state/review.ts";
import { select, selected } from "../state/selection.ts";
import { beginOwn } from "./own_finding.tsx";

/** What each key does, in the order in which the help lists them. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["j", "next finding"],
  ["k", "previous finding"],
  ["a", "accept it"],
  ["x", "reject it"],
  ["u", "undo the last decision"],
  ["Enter", "go to the finding's card, or from there to its words"],
  ["n", "a finding of your own, about the selected words"],
  ["/", "chat"],
  ["?", "this list"],
  ["Esc", "close what is open"],
];

/** Whether the list of keys is shown. */
export const helpShown = signal(false);

const TYPING = "input, textarea, select, [contenteditable], dialog";
/** What does something of its own when Enter is pressed on it. */
const PRESSABLE = "a, button, summary";

/** Acts on findings by single keys, except where somebody types. Returns how to stop it. */
export function listenToKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as Element;
    if (event.key === "Escape") return closeSomething(target);
    if (!keysOn.peek() || target.closest(TYPING)) return;
    if (event.key === "Enter" && target.closest(PRESSABLE)) return;
    const act = ACTIONS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

const ACTIONS: Readonly<Record<string, () => void>> = {
  j: () => step(1),
  k: () => step(-1),
  a: () => decide("accepted"),
  x: () => decide("rejected"),
  u: () => answer(undo() ? "Undone." : "There is nothing to undo."),
  n: () => beginOwn(),
  Enter: () => toCard(),
  "/": () => (openTab.value = "chat"),
  "?": () => (helpShown.value = true),
};

/** One thing at a time, the uppermost first: a menu, the drawer, the selection. Dialogs close themselves. */
function closeSomething(target: Element): void {
  if (target.closest("dialog")) return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open], .outline-narrow[open]");
  if (menu) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  } else if (openTab.peek() !== null) {
    const had = document.querySelector(".drawer-panel")?.contains(document.activeElement);
    const tab = document.querySelector<HTMLElement>('.drawer [aria-selected="true"]');
    openTab.value = null;
    if (had) tab?.focus();
  } else select(null, false);
}

function step(by: 1 | -1): void {
  const all = ordered.peek();
  const at = all.findIndex((finding) => finding.finding_id === selected.peek());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  const finding = all[next];
  if (finding === undefined) return answer(all.length === 0 ? "There are no findings." : "That was the last one.");
  select(finding.finding_id, true);
  answer(`${next + 1} of ${all.length}, ${finding.severity}, ${finding.category}: ${finding.message}`);
}

function decide(status: "accepted" | "rejected"): void {
  const finding = findingOf(selected.peek());
  if (finding?.status !== "open") return;
  void judge(finding, status);
  answer(status === "accepted" ? "Accepted." : "Rejected.");
}

/** Enter moves the focus, because somebody asked for that; nothing else on the page does. */
function toCard(): void {
  const findingId = selected.peek();
  if (findingId === null) return;
  select(findingId, true);
  document
    .querySelector<HTMLElement>(`.card[data-finding="${CSS.escape(findingId)}"] .card-head`)
    ?.focus({ preventScroll: true });
}
