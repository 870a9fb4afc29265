import { computed } from "@preact/signals";
import { findingCount, findingsOf } from "../state/margins.ts";
import { hidden, narrowings, showEverything, toggle, traitOf, type Trait } from "../state/filters.ts";
import { ordered, shown } from "../state/review.ts";
import { figure } from "../words/durations.ts";

const TRAITS: readonly (readonly [Trait, string])[] = [
  ["severity", "Severity"],
  ["category", "Category"],
  ["status", "Decision"],
  ["engine", "Found by"],
];
const ORDER = ["critical", "major", "minor", "info", "open", "accepted", "rejected", "outdated"];

/** Trait -> value -> how many findings of the document have it. */
const counted = computed(() => {
  const counts = new Map(TRAITS.map(([trait]) => [trait, new Map<string, number>()]));
  for (const section of shown.value?.sections ?? []) {
    for (const finding of findingsOf(section.section_id).value) {
      for (const [trait, values] of counts) {
        const value = traitOf(finding, trait);
        values.set(value, (values.get(value) ?? 0) + 1);
      }
    }
  }
  return counts;
});

/** Which findings are in sight. Only what there is can be chosen. */
export function Filter() {
  if (findingCount.value === 0) return null;
  const narrowed = narrowings.value > 0;
  return (
    <details class="menu filter" data-on={narrowed || undefined}>
      <summary>{narrowed ? `${ordered.value.length} of ${findingCount.value} shown` : "Filter"}</summary>
      <div class="menu-sheet">
        {TRAITS.map(([trait, words]) => (
          <Group trait={trait} words={words} key={trait} />
        ))}
        <button type="button" disabled={!narrowed} onClick={showEverything}>
          Show all
        </button>
      </div>
    </details>
  );
}

function Group({ trait, words }: { readonly trait: Trait; readonly words: string }) {
  const values = [...(counted.value.get(trait) ?? [])].toSorted(
    ([a, many], [b, few]) => ORDER.indexOf(a) - ORDER.indexOf(b) || few - many || (a < b ? -1 : 1),
  );
  if (values.length < 2 && hidden.value[trait].size === 0) return null;
  return (
    <fieldset>
      <legend>{words}</legend>
      {values.map(([value, count]) => (
        <label key={value}>
          <input type="checkbox" checked={!hidden.value[trait].has(value)} onChange={() => toggle(trait, value)} />
          {value} <span class="faint">{figure(count)}</span>
        </label>
      ))}
    </fieldset>
  );
}
