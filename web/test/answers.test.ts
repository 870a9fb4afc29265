import assert from "node:assert/strict";
import { test } from "node:test";
import { spansOf } from "../src/text/inline.ts";
import { placeOf } from "../src/text/quotes.ts";

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
  const cut = (quote: string) => {
    const range = placeOf(quote, text);
    return range && text.slice(range.start, range.end);
  };
  assert.equal(cut("fell from 420"), "fell from 420");
  assert.equal(cut("Errors fell  from"), "errors\nfell from");
  assert.equal(cut("(see Table 9)."), "(see Table 9).");
  assert.equal(cut("rose from 420"), null);
  assert.equal(cut(""), null);
  assert.equal(cut("   "), null);
});
