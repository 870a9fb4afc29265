/** A stretch of a text in UTF-16 units, end exclusive, that belongs to `id`. */
export interface Mark {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** A piece of the text that is covered by the same marks all through. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** What covers it, the shortest mark first: that is the one which a click means. */
  readonly ids: readonly string[];
}

/** Cuts [start, end) wherever a mark begins or ends, so that marks may overlap in any way. */
export function piecesOf(start: number, end: number, marks: readonly Mark[]): readonly Piece[] {
  const here = marks.filter((mark) => mark.start < end && mark.end > start && mark.start < mark.end);
  if (here.length === 0) return start < end ? [{ start, end, ids: [] }] : [];
  const shortestFirst = here.toSorted((a, b) => a.end - a.start - (b.end - b.start));
  const cuts = new Set([start, end]);
  for (const mark of here) {
    if (mark.start > start) cuts.add(mark.start);
    if (mark.end < end) cuts.add(mark.end);
  }
  const places = [...cuts].toSorted((a, b) => a - b);
  return places.slice(0, -1).map((from, index) => {
    const to = places[index + 1] as number;
    const ids = shortestFirst.filter((mark) => mark.start <= from && mark.end >= to).map((mark) => mark.id);
    return { start: from, end: to, ids };
  });
}
