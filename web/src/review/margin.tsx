import { useLayoutEffect, useRef } from "preact/hooks";
import { findingCount, shownIn } from "../state/margins.ts";
import { counts, shown } from "../state/review.ts";
import { selected } from "../state/selection.ts";
import { arrange, type Wish } from "./arrange.ts";
import { FindingCard } from "./finding_card.tsx";
import { near } from "./nearness.ts";

/** The findings beside the text. Only those near the reader have a card, however many there are. */
export function Margin() {
  const column = useRef<HTMLElement>(null);
  const sections = shown.value?.sections.filter((section) => near.value.has(section.section_id)) ?? [];
  const findings = sections.flatMap((section) => shownIn(section.section_id).value);
  const chosen = selected.value;
  useLayoutEffect(() => {
    const margin = column.current as HTMLElement;
    layOut(margin, chosen);
    // Fonts, folds and window sizes move quotes and change cards without any of our doing.
    const observer = new ResizeObserver(() => layOut(margin, chosen));
    observer.observe(margin);
    for (const card of margin.children) observer.observe(card);
    return () => observer.disconnect();
  });
  return (
    <aside class="margin" aria-label="Findings" ref={column}>
      {findings.map((finding) => (
        <FindingCard finding={finding} key={finding.finding_id} />
      ))}
      {findingCount.value === 0 && <p class="margin-empty">{emptyWords()}</p>}
    </aside>
  );
}

function emptyWords(): string {
  const { done, sections } = counts.value;
  if (sections > 0 && done === sections) return "Nothing was found. Select words in the text to add a finding of your own.";
  return "Findings will stand here, beside the words they are about.";
}

function layOut(margin: HTMLElement, chosen: string | null): void {
  const cards = [...margin.querySelectorAll<HTMLElement>(":scope > .card")];
  const origin = margin.getBoundingClientRect().top;
  const quotes = firstMarks();
  const wishes: Wish[] = cards.map((card) => {
    const { finding = "", of: section = "" } = card.dataset;
    const place = quotes.get(finding) ?? document.getElementById(`section-${section}`);
    return { top: (place?.getBoundingClientRect().top ?? origin) - origin, height: card.offsetHeight };
  });
  const tops = arrange(
    wishes,
    cards.findIndex((card) => card.dataset["finding"] === chosen),
  );
  cards.forEach((card, index) => {
    const isNew = card.style.translate === "";
    card.style.translate = `0 ${Math.round(tops[index] as number)}px`;
    // A card that has just come stands where it belongs; only known ones glide.
    if (isNew) requestAnimationFrame(() => (card.dataset["settled"] = ""));
  });
}

/** Finding -> where its quote begins. */
function firstMarks(): ReadonlyMap<string, Element> {
  const first = new Map<string, Element>();
  for (const mark of document.querySelectorAll<HTMLElement>("mark[data-findings]")) {
    for (const findingId of mark.dataset["findings"]?.split(" ") ?? []) {
      if (!first.has(findingId)) first.set(findingId, mark);
    }
  }
  return first;
}
