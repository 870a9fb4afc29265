import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../src/contract.gen.ts";
import { editsOf } from "../src/text/applied.ts";

const finding = (id: string, start: number, end: number, kind: Finding["suggestion"]["kind"], text = "new"): Finding =>
  ({ finding_id: id, status: "accepted", anchor: { start, end }, suggestion: { kind, text } }) as Finding;
const edits = (...findings: Finding[]) => editsOf(findings, (at) => at).map(({ id }) => id);

test("only accepted suggestions change the text", () => {
  assert.deepEqual(edits({ ...finding("a", 0, 4, "replace"), status: "open" }, finding("b", 5, 9, "none")), []);
  assert.deepEqual(edits(finding("a", 0, 4, "delete"), finding("b", 5, 9, "replace")), ["a", "b"]);
});

test("of two that change the same words only the first is carried out, as in the export", () => {
  assert.deepEqual(edits(finding("late", 6, 12, "replace"), finding("early", 0, 8, "replace")), ["early"]);
});

test("what is added behind words does not clash with what changed before them", () => {
  assert.deepEqual(edits(finding("a", 0, 4, "replace"), finding("b", 4, 8, "insert")), ["a", "b"]);
});
