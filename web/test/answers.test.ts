import assert from "node:assert/strict";
import { test } from "node:test";
import { spansOf } from "../src/text/inline.ts";
import { placesOf } from "../src/text/quotes.ts";

const spans = (line: string) => spansOf(line).map((span) => `${span.kind}:${span.text}`);

test("the marks of an answer become spans, and nothing else does", () => {
  assert.deepEqual(spans("It fell by **57 %**, see `Table 2` and *not* _that_."), [
    "text:It fell by ",
    "strong:57 %",
    "text:, see ",
    "code:Table 2",
    "text: and ",
    "emphasis:not",
    "text: ",
    "emphasis:that",
    "text:.",
  ]);
  assert.deepEqual(spans("2 * 3 * 4 and snake_case_name"), ["text:2 * 3 * 4 and snake_case_name"]);
});

test("what looks like a tag stays text", () => {
  assert.deepEqual(spans("<img src=x onerror=alert(1)>"), ["text:<img src=x onerror=alert(1)>"]);
});

test("an unfinished mark of a streaming answer is shown as it stands", () => {
  assert.deepEqual(spans("It is **57"), ["text:It is **57"]);
});

test("a quote is found word for word, else with spaces and case evened out", () => {
  const text = "The number of errors\nfell from 420 to 180 (see Table 9).";
  const cut = (quote: string) => placesOf(quote, text).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(cut("fell from 420"), ["fell from 420"]);
  assert.deepEqual(cut("Errors fell  from"), ["errors\nfell from"]);
  assert.deepEqual(cut("(see Table 9)."), ["(see Table 9)."]);
  assert.deepEqual(cut("rose from 420"), []);
  assert.deepEqual(cut(""), []);
  assert.deepEqual(cut("   "), []);
});

test("a quote that stands at several places is found at each of them", () => {
  const text = "It is due. Then more, and it is due. It is due.";
  assert.deepEqual(placesOf("It is due.", text), [
    { start: 0, end: 10 },
    { start: 37, end: 47 },
  ]);
});
