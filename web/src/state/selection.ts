import { signal } from "@preact/signals";
import type { Citation } from "../api/answers.ts";
import { openTab } from "./drawer.ts";
import { wide } from "./wide.ts";

/** The finding whose card is open and lines up with its quote. */
export const selected = signal<string | null>(null);
/** The quote that an answer of the chat points at. */
export const cited = signal<Citation | null>(null);

/** Selects a finding; the text is scrolled to it unless it can be seen already. */
export function select(findingId: string | null, scroll: boolean): void {
  selected.value = findingId;
  cited.value = null;
  if (scroll && findingId !== null) scrollTo(`[data-findings~="${CSS.escape(findingId)}"]`);
}

/** Shows a cited quote in the text. */
export function cite(citation: Citation): void {
  cited.value = citation;
  // Where the drawer fills the window, it would cover what it points at.
  if (!wide.value) openTab.value = null;
  scrollTo(`[data-findings~="cited"], #${CSS.escape(`section-${citation.section_id}`)}`);
}

/** Shows a section's beginning. */
export function goToSection(sectionId: string): void {
  scrollTo(`#${CSS.escape(`section-${sectionId}`)}`, true);
}

function scrollTo(selector: string, atTop = false): void {
  // After the marks were drawn: the one that is looked for may be new.
  requestAnimationFrame(() => {
    const found = [...document.querySelectorAll(selector)];
    const target = found.find((element) => element.matches("mark")) ?? found[0];
    if (target === undefined) return;
    const { top, bottom } = target.getBoundingClientRect();
    const [from, to] = readable();
    if (!atTop && top >= from && bottom <= to) return;
    const aim = atTop ? from : from + (to - from) / 3;
    window.scrollBy({ top: top - aim, behavior: behavior() });
  });
}

/** The part of the window that neither the bar nor the drawer covers. */
function readable(): readonly [number, number] {
  const bar = document.querySelector(".bar")?.getBoundingClientRect().bottom ?? 0;
  const drawer = document.querySelector(".drawer")?.getBoundingClientRect().top ?? window.innerHeight;
  return [bar + 12, drawer - 12];
}

function behavior(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
