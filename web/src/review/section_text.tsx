import { Fragment, type ComponentChildren } from "preact";
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { SectionWhole } from "../api/answers.ts";
import type { Finding } from "../contract.gen.ts";
import { findingsOf } from "../state/margins.ts";
import { cited, select, selected, selectedSection } from "../state/selection.ts";
import { blocksOf, type Block, type Range } from "../text/blocks.ts";
import { piecesOf, type Mark } from "../text/marking.ts";
import { unitsOf } from "../text/offsets.ts";
import { placesOf } from "../text/quotes.ts";
import { FindingCard } from "./finding_card.tsx";
import { near } from "./nearness.ts";
import { wide } from "../state/wide.ts";

const CITED = "cited";
const NONE: readonly Finding[] = [];

interface Marking {
  readonly text: string;
  readonly marks: readonly Mark[];
  /** The selected finding, when it is one of these. */
  readonly chosen: string | null;
  readonly findings: ReadonlyMap<string, Finding>;
}

/** A section's text with its quotes marked; where there is no margin, with its findings between. */
export function SectionText({ section }: { readonly section: SectionWhole }) {
  const { text } = section;
  const blocks = useMemo(() => blocksOf(text), [text]);
  const units = useMemo(() => unitsOf(text), [text]);
  // Each of these changes for this section alone: what happens elsewhere draws nothing anew here.
  const isNear = useComputed(() => near.value.has(section.section_id)).value;
  const chosen = useComputed(() => (selectedSection.value === section.section_id ? selected.value : null)).value;
  const quoted = useComputed(() => (cited.value?.section_id === section.section_id ? cited.value : null)).value;
  const found = isNear ? findingsOf(section.section_id).value : NONE;
  const marks: Mark[] = found.flatMap(({ anchor, finding_id: id }) =>
    anchor ? [{ id, start: units(anchor.start), end: units(anchor.end) }] : [],
  );
  const places = quoted === null ? [] : placesOf(quoted.quote, text);
  const quote = places[(quoted?.turn ?? 0) % places.length];
  if (quote) marks.push({ id: CITED, ...quote });
  const marking = { text, marks, chosen, findings: new Map(found.map((finding) => [finding.finding_id, finding])) };
  const startOf = (finding: Finding): number => (finding.anchor ? units(finding.anchor.start) : -1);
  let from = Number.NEGATIVE_INFINITY;
  return (
    <>
      {!wide.value && <Inline findings={found.filter((finding) => finding.anchor === null)} />}
      {blocks.map((block) => {
        const begin = from;
        from = block.end;
        const here = wide.value ? NONE : found.filter((f) => f.anchor && startOf(f) >= begin && startOf(f) < block.end);
        return (
          <Fragment key={block.start}>
            <BlockView block={block} marking={marking} />
            {here.length > 0 && <Inline findings={here} />}
          </Fragment>
        );
      })}
    </>
  );
}

function Inline({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <div class="inline-findings">
      {findings.map((finding) => (
        <FindingCard finding={finding} key={finding.finding_id} />
      ))}
    </div>
  );
}

function BlockView({ block, marking }: { readonly block: Block; readonly marking: Marking }) {
  const show = (range: Range): ComponentChildren => <Marked range={range} marking={marking} />;
  switch (block.kind) {
    case "paragraph":
      return <p class="text">{show(block)}</p>;
    case "code":
      return <pre class="text code">{show(block)}</pre>;
    case "list":
      return (
        <ul class="text plain-list">
          {block.items.map((item) => (
            <li key={item.start}>{show(item)}</li>
          ))}
        </ul>
      );
    case "table":
      return (
        <div class="table-frame">
          <table class="text">
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={row[0]?.start}>
                  {row.map((cell) =>
                    index === 0 ? <th key={cell.start}>{show(cell)}</th> : <td key={cell.start}>{show(cell)}</td>,
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function Marked({ range, marking }: { readonly range: Range; readonly marking: Marking }) {
  const { text, marks, chosen, findings } = marking;
  return (
    <>
      {piecesOf(range.start, range.end, marks).map(({ start, end, ids }) => {
        const words = text.slice(start, end);
        if (ids.length === 0) return words;
        const isSelected = chosen !== null && ids.includes(chosen);
        const finding = findings.get((isSelected ? chosen : ids.find((id) => id !== CITED)) ?? "");
        return (
          <mark
            key={start}
            data-findings={ids.join(" ")}
            data-severity={finding?.severity}
            data-status={finding?.status}
            data-selected={isSelected || undefined}
            data-cited={ids.includes(CITED) || undefined}
            onClick={() => finding && select(nextOf(ids), false)}
          >
            {words}
          </mark>
        );
      })}
    </>
  );
}

/** Where several findings cover the same words, each click goes on to the next of them. */
function nextOf(ids: readonly string[]): string {
  const findings = ids.filter((id) => id !== CITED);
  return findings[(findings.indexOf(selected.peek() ?? "") + 1) % findings.length] as string;
}
