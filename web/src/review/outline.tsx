import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { SectionWhole } from "../api/answers.ts";
import { Dot } from "../dot.tsx";
import { analyze, counts, depth, shown, titleOf } from "../state/review.ts";
import { goToSection } from "../state/selection.ts";
import { shortWords } from "../words/task_words.ts";
import { reading } from "./nearness.ts";
import { sectionState } from "./section_words.ts";

/** The sections with their states; behind a button where there is no room for it. */
export function Outline() {
  const { done, sections } = counts.value;
  const list = (
    <ol>
      {shown.value?.sections.map((section) => (
        <Line section={section} key={section.section_id} />
      ))}
    </ol>
  );
  return (
    <nav class="outline" aria-label="Sections">
      <div class="outline-wide">
        <h2>Outline</h2>
        {list}
      </div>
      <details class="outline-narrow">
        <summary>
          Sections <span class="number">{`${done}/${sections}`}</span>
        </summary>
        {list}
      </details>
    </nav>
  );
}

function Line({ section }: { readonly section: SectionWhole }) {
  const { shape, words, busy, snapshot } = sectionState(section.section_id);
  const isRead = useComputed(() => reading.value === section.section_id).value;
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isRead) line.current?.scrollIntoView({ block: "nearest" });
  }, [isRead]);
  const go = (event: MouseEvent): void => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    goToSection(section.section_id);
  };
  const quietWords = shape === "idle" ? "" : shortWords(snapshot, words);
  return (
    <li data-level={Math.min(depth(section), 4)} ref={line}>
      <button type="button" class="outline-go" aria-current={isRead ? "location" : undefined} onClick={go}>
        <Dot shape={shape} />
        <span class="outline-title">{titleOf(section)}</span>
        <span class="outline-words">{quietWords}</span>
      </button>
      {!busy && snapshot?.state !== "SUCCESS" && section.chars > 0 && (
        <button
          type="button"
          class="quiet outline-analyze"
          aria-label={`Analyze: ${titleOf(section)}`}
          onClick={() => void analyze(section)}
        >
          Analyze
        </button>
      )}
    </li>
  );
}
