import { Fragment, type ComponentChildren } from "preact";
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { SectionWhole } from "../api/answers.ts";
import type { Finding } from "../contract.gen.ts";
import { isShown } from "../state/filters.ts";
import { findingsOf } from "../state/margins.ts";
import { cited, select, selected, selectedSection } from "../state/selection.ts";
import { editsOf, type Edit } from "../text/applied.ts";
import { blocksOf, type Block, type Range } from "../text/blocks.ts";
import { piecesOf, type Mark, type Piece } from "../text/marking.ts";
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
  readonly edits: readonly Edit[];
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
  // What was accepted is in the text, also where a filter hides the card.
  const all = isNear ? findingsOf(section.section_id).value : NONE;
  const found = all.filter(isShown);
  const edits = editsOf(all, units);
  const isEdit = (findingId: string): boolean => edits.some((edit) => edit.id === findingId);
  const marks: Mark[] = all.flatMap((finding) => {
    const { anchor, finding_id: id } = finding;
    return anchor && (isShown(finding) || isEdit(id))
      ? [{ id, start: units(anchor.start), end: units(anchor.end) }]
      : [];
  });
  const places = quoted === null ? [] : placesOf(quoted.quote, text);
  const quote = places[(quoted?.turn ?? 0) % places.length];
  if (quote) marks.push({ id: CITED, ...quote });
  const findings = new Map(all.map((finding) => [finding.finding_id, finding]));
  const marking = { text, marks, chosen, findings, edits };
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
      return (
        <p class="text" data-from={block.start}>
          {show(block)}
        </p>
      );
    case "code":
      // What is wider than the column can be scrolled by keys as well.
      return (
        <pre class="text code" data-from={block.start} tabIndex={0}>
          {show(block)}
        </pre>
      );
    case "list":
      return (
        <ul class="text plain-list">
          {block.items.map((item) => (
            <li key={item.start} data-from={item.start}>
              {show(item)}
            </li>
          ))}
        </ul>
      );
    case "table":
      return (
        <div class="table-frame" tabIndex={0} role="group" aria-label="Table">
          <table class="text">
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={row[0]?.start}>
                  {row.map((cell) => {
                    const Cell = index === 0 ? "th" : "td";
                    return (
                      <Cell key={cell.start} data-from={cell.start}>
                        {show(cell)}
                      </Cell>
                    );
                  })}
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
      {piecesOf(range.start, range.end, marks).map((piece) => {
        const { start, end, ids } = piece;
        if (ids.length === 0) return text.slice(start, end);
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
            <Words piece={piece} marking={marking} />
          </mark>
        );
      })}
    </>
  );
}

/** A piece as it reads with what was accepted. The words that gave way stay there, out of sight. */
function Words({
  piece: { start, end },
  marking: { text, edits },
}: {
  readonly piece: Piece;
  readonly marking: Marking;
}) {
  const words = text.slice(start, end);
  const edit = edits.find((each) => each.start <= start && end <= each.end);
  if (edit === undefined) return <>{words}</>;
  return (
    <>
      {edit.keeps ? words : <del>{words}</del>}
      {end === edit.end && edit.text !== "" && <ins>{edit.text}</ins>}
    </>
  );
}

/** Where several findings cover the same words, each click goes on to the next of them. */
function nextOf(ids: readonly string[]): string {
  const findings = ids.filter((id) => id !== CITED);
  return findings[(findings.indexOf(selected.peek() ?? "") + 1) % findings.length] as string;
}
