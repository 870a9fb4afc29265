import type { Finding } from "../contract.gen.ts";
import type { Mark } from "./marking.ts";

/** What an accepted suggestion makes of the text: `text` instead of, or behind, the units [start, end). */
export interface Edit extends Mark {
  readonly text: string;
  readonly keeps: boolean;
}

/**
 * The accepted suggestions that are carried out, by the rule of the export: of two that change the
 * same words only the first.
 */
export function editsOf(findings: readonly Finding[], units: (codePoint: number) => number): readonly Edit[] {
  const wanted: Edit[] = findings.flatMap(({ finding_id: id, anchor, status, suggestion: { kind, text } }) =>
    anchor === null || status !== "accepted" || kind === "none"
      ? []
      : [
          {
            id,
            start: units(anchor.start),
            end: units(anchor.end),
            text: kind === "delete" ? "" : text,
            keeps: kind === "insert",
          },
        ],
  );
  const edits: Edit[] = [];
  for (const edit of wanted.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const changesFrom = edit.keeps ? edit.end : edit.start;
    if (changesFrom >= (edits.at(-1)?.end ?? 0)) edits.push(edit);
  }
  return edits;
}
