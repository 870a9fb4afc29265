import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, type Wish } from "../src/review/arrange.ts";

const wish = (top: number, height = 50): Wish => ({ top, height });

function assertNoOverlap(wishes: readonly Wish[], tops: readonly number[]): void {
  const cards = tops.map((top, index) => ({ top, bottom: top + (wishes[index] as Wish).height }));
  for (const [index, a] of cards.entries()) {
    for (const b of cards.slice(index + 1)) assert.ok(a.bottom <= b.top || b.bottom <= a.top, "cards overlap");
  }
}

test("cards with room stand at their quotes", () => {
  assert.deepEqual(arrange([wish(0), wish(100), wish(300)], -1), [0, 100, 300]);
});

test("crowded cards flow downward", () => {
  assert.deepEqual(arrange([wish(10), wish(20), wish(30)], -1), [10, 68, 126]);
});

test("the selected card lines up exactly and the others make room", () => {
  assert.deepEqual(arrange([wish(200), wish(210), wish(220)], 2), [104, 162, 220]);
});

test("cards that the page's beginning leaves no room for follow below the selected one", () => {
  assert.deepEqual(arrange([wish(0), wish(10), wish(60)], 2), [118, 2, 60]);
});

test("whatever is selected, it lines up and nothing overlaps", () => {
  for (let round = 1; round < 300; round++) {
    const wishes = Array.from({ length: round % 12 }, (_, index) =>
      wish((index * round * 13) % 400, 20 + ((index * round) % 70)),
    );
    wishes.sort((a, b) => a.top - b.top);
    for (let selected = -1; selected < wishes.length; selected++) {
      const tops = arrange(wishes, selected);
      assertNoOverlap(wishes, tops);
      if (selected >= 0) assert.equal(tops[selected], (wishes[selected] as Wish).top);
    }
  }
});
