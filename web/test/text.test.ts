import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf } from "../src/text/blocks.ts";
import { piecesOf } from "../src/text/marking.ts";
import { unitsOf } from "../src/text/offsets.ts";

test("code points become UTF-16 units", () => {
  const text = "a😀b𝒙c";
  const units = unitsOf(text);
  assert.equal(text.slice(units(1), units(2)), "😀");
  assert.equal(text.slice(units(3), units(4)), "𝒙");
  assert.equal(text.slice(units(4), units(5)), "c");
  assert.equal(units(99), text.length);
});

test("plain text needs no conversion, and stays within the text", () => {
  const units = unitsOf("abc");
  assert.deepEqual([-1, 0, 2, 3, 9].map(units), [0, 0, 2, 3, 3]);
});

test("overlapping marks cut the text where one begins or ends", () => {
  const pieces = piecesOf(0, 10, [
    { id: "long", start: 1, end: 8 },
    { id: "short", start: 4, end: 6 },
    { id: "late", start: 7, end: 99 },
  ]);
  assert.deepEqual(
    pieces.map((piece) => [piece.start, piece.end, piece.ids.join("+")]),
    [
      [0, 1, ""],
      [1, 4, "long"],
      [4, 6, "short+long"],
      [6, 7, "long"],
      [7, 8, "long+late"],
      [8, 10, "late"],
    ],
  );
});

test("pieces put together again are the text, whatever the marks", () => {
  const text = "The number of errors fell from 420 to 180.";
  for (let round = 0; round < 200; round++) {
    const marks = Array.from({ length: round % 6 }, (_, id) => {
      const start = (round * 7 + id * 11) % text.length;
      return { id: String(id), start, end: start + ((round * 3 + id * 5) % 15) };
    });
    const pieces = piecesOf(3, text.length, marks);
    assert.equal(pieces.map((piece) => text.slice(piece.start, piece.end)).join(""), text.slice(3));
  }
});

const shown = (text: string) =>
  blocksOf(text).map((block) => {
    const cut = (range: { start: number; end: number }) => text.slice(range.start, range.end);
    if (block.kind === "list") return [block.kind, ...block.items.map(cut)];
    if (block.kind === "table") return [block.kind, ...block.rows.map((row) => row.map(cut).join("/"))];
    return [block.kind, cut(block)];
  });

test("paragraphs, lists and tables are told apart", () => {
  assert.deepEqual(shown("One.\nStill one.\n\n- a\n  more\n- b\n\nTime | Event\n09:05 | Alarm"), [
    ["paragraph", "One.\nStill one."],
    ["list", "- a\n  more", "- b"],
    ["table", "Time/Event", "09:05/Alarm"],
  ]);
});

test("a Markdown table loses its outer bars and its rule", () => {
  assert.deepEqual(
    shown("| a | b |\n| --- | --- |\n| 1 |  |"),
    [["table", "a/b", "1/"]].map((row) => row),
  );
});

test("a fence keeps its empty lines", () => {
  assert.deepEqual(shown("```\nx\n\ny\n```\nafter"), [
    ["code", "```\nx\n\ny\n```"],
    ["paragraph", "after"],
  ]);
});

test("an empty text has no blocks", () => {
  assert.deepEqual(blocksOf(""), []);
  assert.deepEqual(blocksOf("\n \n"), []);
});
