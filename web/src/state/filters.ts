import { computed, signal } from "@preact/signals";
import type { Finding } from "../contract.gen.ts";
import { engineName } from "../words/engines.ts";

export type Trait = "severity" | "category" | "status" | "engine";

/** What is left out of sight, by trait. Empty: everything is shown. */
export const hidden = signal<Readonly<Record<Trait, ReadonlySet<string>>>>(nothingHidden());

/** How many choices narrow what is shown. */
export const narrowings = computed(() => Object.values(hidden.value).reduce((sum, values) => sum + values.size, 0));

function nothingHidden(): Readonly<Record<Trait, ReadonlySet<string>>> {
  return { severity: new Set(), category: new Set(), status: new Set(), engine: new Set() };
}

/** What a finding is as far as filters go. */
export function traitOf(finding: Finding, trait: Trait): string {
  return trait === "engine" ? engineName(finding.source.engine, finding.source.model) : finding[trait];
}

/** Whether nothing hides it. */
export function isShown(finding: Finding): boolean {
  if (narrowings.value === 0) return true;
  return (Object.keys(hidden.value) as Trait[]).every((trait) => !hidden.value[trait].has(traitOf(finding, trait)));
}

/** Shows what was hidden, or hides what was shown. */
export function toggle(trait: Trait, value: string): void {
  const values = new Set(hidden.value[trait]);
  if (!values.delete(value)) values.add(value);
  hidden.value = { ...hidden.value, [trait]: values };
}

export function showEverything(): void {
  hidden.value = nothingHidden();
}
