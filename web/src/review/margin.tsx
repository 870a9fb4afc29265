import { useLayoutEffect, useRef } from "preact/hooks";
import { ordered } from "../state/review.ts";
import { selected } from "../state/selection.ts";
import { arrange, type Wish } from "./arrange.ts";
import { FindingCard } from "./finding_card.tsx";
import { near } from "./sections.tsx";

/** The findings beside the text. Only those near the reader have a card, however many there are. */
export function Margin() {
  const column = useRef<HTMLElement>(null);
  const shown = ordered.value.filter((finding) => near.value.has(finding.section_id));
  const chosen = selected.value;
  useLayoutEffect(() => {
    const margin = column.current as HTMLElement;
    layOut(margin, chosen);
    // Fonts, folds and window sizes move quotes and change cards without any of our doing.
    const observer = new ResizeObserver(() => layOut(margin, chosen));
    observer.observe(margin);
    for (const card of margin.children) observer.observe(card);
    return () => observer.disconnect();
  }, [shown, chosen]);
  return (
    <aside class="margin" aria-label="Findings" ref={column}>
      {shown.map((finding) => (
        <FindingCard finding={finding} key={finding.finding_id} />
      ))}
      {ordered.value.length === 0 && <p class="margin-empty">Findings will stand here, beside the words they are about.</p>}
    </aside>
  );
}

function layOut(margin: HTMLElement, chosen: string | null): void {
  const cards = [...margin.querySelectorAll<HTMLElement>(":scope > .card")];
  const origin = margin.getBoundingClientRect().top;
  const wishes: Wish[] = cards.map((card) => ({ top: quoteTop(card) - origin, height: card.offsetHeight }));
  const tops = arrange(wishes, cards.findIndex((card) => card.dataset["finding"] === chosen));
  cards.forEach((card, index) => {
    const isNew = card.style.translate === "";
    card.style.translate = `0 ${Math.round(tops[index] as number)}px`;
    // A card that has just come stands where it belongs; only known ones glide.
    if (isNew) requestAnimationFrame(() => (card.dataset["settled"] = ""));
  });
}

function quoteTop(card: HTMLElement): number {
  const findingId = card.dataset["finding"] as string;
  const quote = document.querySelector(`mark[data-findings~="${CSS.escape(findingId)}"]`);
  const section = ordered.peek().find((finding) => finding.finding_id === findingId)?.section_id ?? "";
  const target = quote ?? document.getElementById(`section-${section}`);
  return target?.getBoundingClientRect().top ?? 0;
}
