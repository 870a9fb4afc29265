import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Finding } from "../contract.gen.ts";
import { isShown, narrowings } from "./filters.ts";
import { asTheyStand, inReadingOrder, withMargin, type Findings, type Margins } from "./gathering.ts";

const NOTHING: Findings = new Map();

/** What was found in each section of the document on the screen. */
export const margins = signal<Margins>(new Map());

interface OfSection {
  readonly all: ReadonlySignal<readonly Finding[]>;
  readonly shown: ReadonlySignal<readonly Finding[]>;
}

const sections = new Map<string, OfSection>();

function ofSection(sectionId: string): OfSection {
  let found = sections.get(sectionId);
  if (found === undefined) {
    const all = computed(() => asTheyStand(inReadingOrder(margins.value.get(sectionId) ?? NOTHING)));
    const shown = computed(() => (narrowings.value === 0 ? all.value : all.value.filter(isShown)));
    sections.set(sectionId, (found = { all, shown }));
  }
  return found;
}

/** A section's findings in reading order. Changes only when something of that section does. */
export function findingsOf(sectionId: string): ReadonlySignal<readonly Finding[]> {
  return ofSection(sectionId).all;
}

/** Those of them that the filters leave in sight. */
export function shownIn(sectionId: string): ReadonlySignal<readonly Finding[]> {
  return ofSection(sectionId).shown;
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
  for (const [sectionId, findings] of margins.value) {
    if (findings.has(findingId)) {
      return findingsOf(sectionId).value.find((finding) => finding.finding_id === findingId) ?? null;
    }
  }
  return null;
}

/** All findings in sight in the order of the document, whose sections are these. */
export function inOrder(sectionIds: readonly string[]): readonly Finding[] {
  return sectionIds.flatMap((sectionId) => shownIn(sectionId).value);
}

export function changeFindings(sectionId: string, change: (known: Findings) => Findings): void {
  margins.value = withMargin(margins.peek(), sectionId, change(margins.peek().get(sectionId) ?? NOTHING));
}
