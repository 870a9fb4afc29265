import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Finding } from "../contract.gen.ts";
import { inReadingOrder, withMargin, type Findings, type Margins } from "./gathering.ts";

const NOTHING: Findings = new Map();

/** What was found in each section of the document on the screen. */
export const margins = signal<Margins>(new Map());

const sections = new Map<string, ReadonlySignal<readonly Finding[]>>();

/** A section's findings in reading order. Changes only when something of that section does. */
export function findingsOf(sectionId: string): ReadonlySignal<readonly Finding[]> {
  let found = sections.get(sectionId);
  if (found === undefined) {
    found = computed(() => inReadingOrder(margins.value.get(sectionId) ?? NOTHING));
    sections.set(sectionId, found);
  }
  return found;
}

/** How many findings there are in all. */
export const findingCount = computed(() => {
  let count = 0;
  for (const findings of margins.value.values()) count += findings.size;
  return count;
});

/** One finding, wherever it stands; null when there is none with this id (any more). */
export function findingOf(findingId: string | null): Finding | null {
  if (findingId === null) return null;
  for (const findings of margins.value.values()) {
    const finding = findings.get(findingId);
    if (finding) return finding;
  }
  return null;
}

/** All findings in the order of the document, whose sections are these. */
export function inOrder(sectionIds: readonly string[]): readonly Finding[] {
  return sectionIds.flatMap((sectionId) => findingsOf(sectionId).value);
}

export function changeFindings(sectionId: string, change: (known: Findings) => Findings): void {
  margins.value = withMargin(margins.peek(), sectionId, change(margins.peek().get(sectionId) ?? NOTHING));
}
