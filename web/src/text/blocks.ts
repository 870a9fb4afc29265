/** A stretch of a section's text in UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export type Block =
  | (Range & { readonly kind: "paragraph" | "code" })
  | (Range & { readonly kind: "list"; readonly items: readonly Range[] })
  | (Range & { readonly kind: "table"; readonly rows: readonly (readonly Range[])[] });

const LIST_ITEM = /^\s*(?:[-*+•–]|\d{1,3}[.)]|[a-z][.)])\s/;
const FENCE = /^\s*(?:```|~~~)/;
const RULE_ROW = /^[\s|:-]+$/;

/**
 * How a section's text is laid out. Only decides what stands where: every character that is shown
 * keeps its place in the text, so that quotes can be marked in it.
 */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: Range[] = [];
  let fenced = false;
  const close = (): void => {
    if (lines.length > 0) blocks.push(blockOf(text, lines));
    lines = [];
  };
  for (const line of linesOf(text, { start: 0, end: text.length })) {
    const words = text.slice(line.start, line.end);
    if (FENCE.test(words)) {
      if (!fenced) close();
      fenced = !fenced;
      lines.push(line);
      if (!fenced) close();
    } else if (words.trim() === "" && !fenced) close();
    else lines.push(line);
  }
  close();
  return blocks;
}

function linesOf(text: string, range: Range): readonly Range[] {
  const lines: Range[] = [];
  let start = range.start;
  for (let at = range.start; at <= range.end; at++) {
    if (at === range.end || text[at] === "\n") {
      lines.push({ start, end: at });
      start = at + 1;
    }
  }
  return lines;
}

function blockOf(text: string, lines: readonly Range[]): Block {
  const range = { start: (lines[0] as Range).start, end: (lines.at(-1) as Range).end };
  const words = lines.map((line) => text.slice(line.start, line.end));
  if (FENCE.test(words[0] as string)) return { kind: "code", ...range };
  if (words.length > 1 && words.every((line) => line.includes(" | ") || RULE_ROW.test(line))) {
    const rows = lines.filter((_, index) => !RULE_ROW.test(words[index] as string)).map((line) => cellsOf(text, line));
    if (rows.length > 0) return { kind: "table", rows, ...range };
  }
  if (LIST_ITEM.test(words[0] as string)) return { kind: "list", items: itemsOf(lines, words), ...range };
  return { kind: "paragraph", ...range };
}

/** A line that does not begin an item continues the one before. */
function itemsOf(lines: readonly Range[], words: readonly string[]): readonly Range[] {
  const items: Range[] = [];
  lines.forEach((line, index) => {
    const last = items.at(-1);
    if (last === undefined || LIST_ITEM.test(words[index] as string)) items.push(line);
    else items[items.length - 1] = { start: last.start, end: line.end };
  });
  return items;
}

function cellsOf(text: string, line: Range): readonly Range[] {
  const cells: Range[] = [];
  let start = line.start;
  for (let at = line.start; at <= line.end; at++) {
    if (at < line.end && text[at] !== "|") continue;
    const cell = trimmed(text, { start, end: at });
    // The bars at both ends of a row in Markdown enclose no cell.
    const outer = cell.start === cell.end && (start === line.start || at === line.end);
    if (!outer) cells.push(cell);
    start = at + 1;
  }
  return cells;
}

function trimmed(text: string, range: Range): Range {
  let { start, end } = range;
  while (start < end && text[start] === " ") start++;
  while (end > start && text[end - 1] === " ") end--;
  return { start, end };
}
