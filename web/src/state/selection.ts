import { signal } from "@preact/signals";
import type { Citation } from "../api/answers.ts";

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
  scrollTo(`[data-findings~="cited"], #${CSS.escape(`section-${citation.section_id}`)}`);
}

/** Shows a section's beginning. */
export function goToSection(sectionId: string): void {
  scrollTo(`#${CSS.escape(`section-${sectionId}`)}`, "start");
}

function scrollTo(selector: string, block: ScrollLogicalPosition = "center"): void {
  // After the marks were drawn: the one that is looked for may be new.
  requestAnimationFrame(() => {
    const found = document.querySelectorAll(selector);
    const target = [...found].find((element) => element.matches("mark")) ?? found[0];
    if (target && (block === "start" || !isInView(target))) target.scrollIntoView({ block, behavior: behavior() });
  });
}

function behavior(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top > 72 && bottom < window.innerHeight * 0.7;
}
