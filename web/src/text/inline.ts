export type Span = { readonly kind: "text" | "strong" | "emphasis" | "code"; readonly text: string };

const MARKUP = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])\*([^*\s][^*\n]*)\*(?!\w)|(?<!\w)_([^_\s][^_\n]*)_(?!\w)/g;

/** The few marks that answers use within a line. Everything else, tags included, is plain text. */
export function spansOf(line: string): readonly Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of line.matchAll(MARKUP)) {
    if (match.index > end) spans.push({ kind: "text", text: line.slice(end, match.index) });
    const [all, code, strong, starred, underscored] = match;
    if (code !== undefined) spans.push({ kind: "code", text: code });
    else if (strong !== undefined) spans.push({ kind: "strong", text: strong });
    else spans.push({ kind: "emphasis", text: starred ?? underscored ?? "" });
    end = match.index + all.length;
  }
  if (end < line.length) spans.push({ kind: "text", text: line.slice(end) });
  return spans;
}
