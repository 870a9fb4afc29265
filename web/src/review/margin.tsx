import { useLayoutEffect, useRef } from "preact/hooks";
import { findingCount, shownIn } from "../state/margins.ts";
import { counts, shown } from "../state/review.ts";
import { selected, selectedSection } from "../state/selection.ts";
import { arrange, type Wish } from "./arrange.ts";
import { FindingCard } from "./finding_card.tsx";
import { near } from "./nearness.ts";

/** The findings beside the text. Only those near the reader have a card, however many there are. */
export function Margin() {
  const column = useRef<HTMLElement>(null);
  // The selected one stays, however far it is: the focus may be in its card.
  const isNear = (sectionId: string): boolean => near.value.has(sectionId) || sectionId === selectedSection.value;
  const sections = shown.value?.sections.filter((section) => isNear(section.section_id)) ?? [];
  const findings = sections.flatMap((section) => shownIn(section.section_id).value);
  const chosen = selected.value;
  const laidOut = useRef<LaidOut | null>(null);
  useLayoutEffect(() => {
    const known = (laidOut.current ??= new LaidOut(column.current as HTMLElement));
    known.layOut(chosen);
  });
  useLayoutEffect(() => () => laidOut.current?.stop(), []);
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
  if (sections > 0 && done === sections)
    return "Nothing was found. Select words in the text to add a finding of your own.";
  return "Findings will stand here, beside the words they are about.";
}

/** Places the cards, and places them again when fonts, folds and window sizes change them without our doing. */
class LaidOut {
  readonly #margin: HTMLElement;
  readonly #observer: ResizeObserver;
  /** Heights by which the present places were chosen; a card that still has its height needs no new place. */
  readonly #heights = new WeakMap<Element, number>();
  #width = 0;
  #chosen: string | null = null;

  constructor(margin: HTMLElement) {
    this.#margin = margin;
    this.#observer = new ResizeObserver((entries) => {
      const isNews = ({ target }: ResizeObserverEntry): boolean =>
        target === margin
          ? margin.clientWidth !== this.#width
          : this.#heights.get(target) !== (target as HTMLElement).offsetHeight;
      if (entries.some(isNews)) this.layOut(this.#chosen);
    });
    this.#observer.observe(margin);
  }

  stop(): void {
    this.#observer.disconnect();
  }

  layOut(chosen: string | null): void {
    this.#chosen = chosen;
    this.#width = this.#margin.clientWidth;
    const cards = [...this.#margin.querySelectorAll<HTMLElement>(":scope > .card")];
    const origin = this.#margin.getBoundingClientRect().top;
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
    cards.forEach((card, index) =>
      this.#place(card, Math.round(tops[index] as number), (wishes[index] as Wish).height),
    );
  }

  #place(card: HTMLElement, top: number, height: number): void {
    if (!this.#heights.has(card)) this.#observer.observe(card);
    this.#heights.set(card, height);
    const isNew = card.style.translate === "";
    const translate = `0 ${top}px`;
    if (card.style.translate !== translate) card.style.translate = translate;
    // A card that has just come stands where it belongs; only known ones glide.
    if (isNew) requestAnimationFrame(() => (card.dataset["settled"] = ""));
  }
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
