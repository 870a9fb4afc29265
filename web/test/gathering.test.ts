import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Snapshot } from "../src/contract.gen.ts";
import {
  asTheyStand,
  byId,
  gathered,
  inReadingOrder,
  marginsOf,
  merged,
  withMargin,
  withReview,
} from "../src/state/gathering.ts";

const finding = (id: string, part: Partial<Finding> = {}): Finding =>
  ({
    finding_id: id,
    section_id: "s1",
    severity: "minor",
    status: "open",
    version: 1,
    anchor: null,
    source: { engine: "checker" },
    suggestion: { kind: "none", text: "" },
    ...part,
  }) as Finding;
const review = (part: Partial<Snapshot>): Snapshot =>
  ({
    task_id: "t1",
    kind: "analysis",
    section_id: "s1",
    created_at: 1,
    state: "PROGRESS",
    findings: [],
    ...part,
  }) as Snapshot;

test("a person's decision is not undone by finding the same again", () => {
  const known = byId([finding("a", { status: "accepted", version: 2 })]);
  assert.equal(merged(known, [finding("a")]), known);
});

test("while a section is reviewed again the earlier findings stay, then only the present ones do", () => {
  const known = byId([finding("old"), finding("kept"), finding("judged", { status: "rejected" })]);
  const during = gathered(known, review({ findings: [finding("kept")] }));
  assert.deepEqual([...during.keys()], ["old", "kept", "judged"]);
  const after = gathered(known, review({ state: "SUCCESS", findings: [finding("kept"), finding("new")] }));
  assert.deepEqual([...after.keys()], ["kept", "judged", "new"]);
});

test("a failed review takes nothing away", () => {
  const known = byId([finding("old")]);
  assert.equal(gathered(known, review({ state: "FAILURE" })), known);
});

test("the latest review of a section counts, in whatever order they are heard of", () => {
  const first = withReview(new Map(), review({ task_id: "t2", created_at: 2 }));
  assert.equal(withReview(first, review({ task_id: "t1", created_at: 1 })), first);
  assert.equal(withReview(first, review({ task_id: "t3", created_at: 3 })).get("s1")?.taskId, "t3");
  assert.equal(withReview(first, review({ kind: "chat" })), first);
});

test("findings read in the order of the text, the whole section's first", () => {
  const at = (start: number) => ({ start }) as Finding["anchor"];
  const all = byId([finding("b", { anchor: at(9) }), finding("a", { anchor: at(3) }), finding("w")]);
  assert.deepEqual(
    inReadingOrder(all).map((each) => each.finding_id),
    ["w", "a", "b"],
  );
  assert.equal(inReadingOrder(all), inReadingOrder(all));
});

test("a section that did not change keeps its findings as they are", () => {
  const margins = marginsOf([finding("a"), finding("b", { section_id: "s2" })]);
  const next = withMargin(margins, "s1", byId([finding("c")]));
  assert.equal(next.get("s2"), margins.get("s2"));
  assert.equal(withMargin(margins, "s2", margins.get("s2") ?? new Map()), margins);
});

test("a person's own finding stays when a review succeeds without it", () => {
  const own = byId([finding("a", { source: { engine: "person", model: null, prompt_version: null } })]);
  assert.equal(gathered(own, review({ state: "SUCCESS" })), own);
});

test("an open finding is outdated while an accepted change covers its words, and open again after an undo", () => {
  const at = (start: number, end: number): Finding["anchor"] => ({
    exact: "",
    prefix: "",
    suffix: "",
    start,
    end,
    method: "exact",
  });
  const change = finding("c", { status: "accepted", anchor: at(4, 9), suggestion: { kind: "replace", text: "new" } });
  const covered = finding("o", { anchor: at(8, 12) });
  const beside = finding("b", { anchor: at(9, 12) });
  const stands = (all: readonly Finding[]) => asTheyStand(all).map(({ status }) => status);
  assert.deepEqual(stands([change, covered, beside]), ["accepted", "outdated", "open"]);
  assert.deepEqual(stands([{ ...change, status: "open" }, covered]), ["open", "open"]);
  assert.deepEqual(stands([{ ...change, suggestion: { kind: "insert", text: "more" } }, covered]), [
    "accepted",
    "open",
  ]);
});

test("what the server calls outdated is kept as open, because it follows from the others", () => {
  assert.equal(
    marginsOf([finding("a", { status: "outdated" })])
      .get("s1")
      ?.get("a")?.status,
    "open",
  );
});
