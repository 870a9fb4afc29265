/** The least room between two cards, in pixels. */
const GAP = 8;

export interface Wish {
  /** Where the card's quote stands. */
  readonly top: number;
  readonly height: number;
}

/**
 * Tops of cards beside a text: each as close to its quote as the ones above allow, none over
 * another, and the selected one exactly at its quote. Those above it make room upward; where the
 * page begins before all of them fit, the rest follow below the selected card.
 */
export function arrange(wishes: readonly Wish[], selected: number): readonly number[] {
  const tops = new Array<number>(wishes.length).fill(0);
  const chosen = wishes[selected];
  if (chosen === undefined) {
    stackDown(wishes, range(0, wishes.length), 0, tops);
    return tops;
  }
  tops[selected] = chosen.top;
  const moved = stackUp(wishes, selected, tops);
  stackDown(
    wishes,
    [...range(0, moved), ...range(selected + 1, wishes.length)],
    chosen.top + chosen.height + GAP,
    tops,
  );
  return tops;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function stackDown(wishes: readonly Wish[], order: readonly number[], from: number, tops: number[]): void {
  let free = from;
  for (const index of order) {
    const { top, height } = wishes[index] as Wish;
    tops[index] = Math.max(top, free);
    free = (tops[index] as number) + height + GAP;
  }
}

/** Places the cards before `selected`; returns how many of the first found no room. */
function stackUp(wishes: readonly Wish[], selected: number, tops: number[]): number {
  const before = range(0, selected);
  stackDown(wishes, before, 0, tops);
  let ceiling = (tops[selected] as number) - GAP;
  for (const index of before.toReversed()) {
    const { height } = wishes[index] as Wish;
    const top = Math.min(tops[index] as number, ceiling - height);
    if (top < 0) return index + 1;
    tops[index] = top;
    ceiling = top - GAP;
  }
  return 0;
}
