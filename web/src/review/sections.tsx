import { useEffect, useRef } from "preact/hooks";
import type { DocumentWhole, SectionWhole } from "../api/answers.ts";
import { analyze, depth, engines, titleOf } from "../state/review.ts";
import { TaskActions, TaskState } from "../task_state.tsx";
import { watchNearness, watchReading } from "./nearness.ts";
import { SectionText } from "./section_text.tsx";
import { sectionState } from "./section_words.ts";

/** The document as text, section by section. */
export function Sections({ document }: { readonly document: DocumentWhole }) {
  const column = useRef<HTMLDivElement>(null);
  useEffect(() => watchNearness(column.current as HTMLElement), [document]);
  useEffect(() => watchReading(column.current as HTMLElement), [document]);
  return (
    <div class="document" ref={column}>
      <h1>{document.name}</h1>
      <Engines />
      {document.warnings.map((warning) => (
        <p class="warning" key={warning}>
          {warning}
        </p>
      ))}
      {document.sections.map((section) => (
        <Section section={section} key={section.section_id} />
      ))}
    </div>
  );
}

/**
 * Who reviewed. Once for the document: one engine mostly speaks for all sections. Its line is there
 * before the words are, so that nothing below it moves when they come.
 */
function Engines() {
  const names = engines.value;
  return <p class="faint engines">{names.length > 0 && `Reviewed by ${names.join("; ")}`}</p>;
}

function Section({ section }: { readonly section: SectionWhole }) {
  const Heading = `h${Math.min(depth(section) + 1, 6)}` as "h2";
  const headingId = `heading-${section.section_id}`;
  const named = section.title === "" ? { "aria-label": titleOf(section) } : { "aria-labelledby": headingId };
  return (
    <section id={`section-${section.section_id}`} data-section={section.section_id} class="section" {...named}>
      {section.title !== "" && (
        <Heading id={headingId} data-heading={section.section_id}>
          {section.title}
        </Heading>
      )}
      <SectionStanding section={section} />
      <SectionText section={section} />
    </section>
  );
}

/** Where the review of the section stands, and what can be done about it. */
function SectionStanding({ section }: { readonly section: SectionWhole }) {
  const { snapshot, busy, ...standing } = sectionState(section.section_id);
  if (section.chars === 0) return null;
  const title = titleOf(section);
  const ask = standing.shape === "done" ? "Analyze again" : "Analyze";
  const isOver = snapshot?.state === "FAILURE" || snapshot?.state === "REVOKED";
  return (
    <div class="standing" data-shape={standing.shape}>
      <TaskState standing={standing} error={snapshot?.error?.message} />
      <span class="standing-actions">
        {snapshot && (busy || isOver) && <TaskActions snapshot={snapshot} what={title} />}
        {!busy && !isOver && (
          <button type="button" class="quiet" aria-label={`${ask}: ${title}`} onClick={() => void analyze(section)}>
            {ask}
          </button>
        )}
      </span>
      {typeof snapshot?.result?.["notice"] === "string" && <p class="standing-notice">{snapshot.result["notice"]}</p>}
      {standing.shape === "running" && snapshot && (
        <progress max={100} value={snapshot.progress} aria-label={`Review of ${title}`} />
      )}
    </div>
  );
}
