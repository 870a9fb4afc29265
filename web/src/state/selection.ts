import { computed, signal } from "@preact/signals";
import type { Citation } from "../api/answers.ts";
import { openTab } from "./drawer.ts";
import { findingOf } from "./margins.ts";
import { wide } from "./wide.ts";

/** A mark that has not been drawn by then does not exist. */
const MARK_WITHIN_FRAMES = 20;
const AIM_FRAMES = 6;

/** The finding whose card is open and lines up with its quote. */
export const selected = signal<string | null>(null);
/** The section that the selected finding belongs to. */
export const selectedSection = computed(() => findingOf(selected.value)?.section_id ?? null);
/** The quote that an answer of the chat points at, and which of the places where it stands: 0 is the first. */
export const cited = signal<(Citation & { readonly turn: number }) | null>(null);

/** Selects a finding; the text is scrolled to it unless it can be seen already. */
export function select(findingId: string | null, scroll: boolean): void {
  selected.value = findingId;
  cited.value = null;
  const sectionId = selectedSection.value;
  if (scroll && sectionId !== null) showMark(`mark[data-findings~="${CSS.escape(findingId ?? "")}"]`, sectionId);
}

/** Shows a cited quote in the text; once more, and it shows the next place where the same words stand. */
export function cite(citation: Citation): void {
  const before = cited.peek();
  const isAgain = before?.section_id === citation.section_id && before.quote === citation.quote;
  cited.value = { ...citation, turn: isAgain ? before.turn + 1 : 0 };
  // Where the drawer fills the window, it would cover what it points at.
  if (!wide.value) openTab.value = null;
  showMark('mark[data-findings~="cited"]', citation.section_id);
}

/** Shows a section's beginning. */
export function goToSection(sectionId: string): void {
  const section = sectionElement(sectionId);
  if (section) jumpTo(section, () => readable()[0]);
}

/** Marks are drawn only near the reader: for one that is far, its section is brought near first. */
function showMark(selector: string, sectionId: string, tries = MARK_WITHIN_FRAMES): void {
  requestAnimationFrame(() => {
    const mark = document.querySelector(selector);
    const target = mark ?? sectionElement(sectionId);
    if (!target) return;
    const [from, to] = readable();
    const { top, bottom } = target.getBoundingClientRect();
    const seen = top >= from && bottom <= to;
    const third = (): number => readable()[0] + (to - from) / 3;
    if (mark && !seen && isShortWay(top)) scrollTo(mark, third(), "smooth");
    else if (mark && !seen) jumpTo(mark, third);
    if (mark) return;
    if (!seen && tries === MARK_WITHIN_FRAMES) scrollTo(target, from, "auto");
    if (tries > 0) showMark(selector, sectionId, tries - 1);
  });
}

function sectionElement(sectionId: string): Element | null {
  return document.getElementById(`section-${sectionId}`);
}

/** Sections that come near get their true height only then, and move what was aimed at: aim again. */
function jumpTo(target: Element, aim: () => number, tries = AIM_FRAMES): void {
  scrollTo(target, aim(), "auto");
  if (tries > 0) requestAnimationFrame(() => jumpTo(target, aim, tries - 1));
}

function scrollTo(target: Element, aim: number, behavior: ScrollBehavior): void {
  window.scrollBy({ top: target.getBoundingClientRect().top - aim, behavior });
}

/** The part of the window that neither the bar nor the drawer covers. */
function readable(): readonly [number, number] {
  const bar = Math.max(0, document.querySelector(".bar")?.getBoundingClientRect().bottom ?? 0);
  const drawer = document.querySelector(".drawer")?.getBoundingClientRect().top ?? window.innerHeight;
  return [bar + 12, drawer - 12];
}

/** A short way is shown as a movement; a long one would only blur. */
function isShortWay(distance: number): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches && Math.abs(distance) < 2 * window.innerHeight;
}
