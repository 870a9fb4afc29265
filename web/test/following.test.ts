import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, Snapshot } from "../src/contract.gen.ts";
import { Follower } from "../src/live/follower.ts";
import { judge } from "../src/live/following.ts";
import { answerOf } from "../src/live/poller.ts";
import type { Line, WatchAnswer } from "../src/live/protocol.ts";

function event(seq: number, epoch = 1, taskId = "t", data: Record<string, unknown> = {}): Event {
  return { v: 1, task_id: taskId, epoch, seq, at: seq, type: "text_added", data };
}

function queued(taskId: string, documentId: string): Event {
  return { ...event(1, 1, taskId, { kind: "analysis", document_id: documentId }), type: "task_queued" };
}

interface Question {
  readonly name: string;
  readonly payload: Record<string, unknown>;
  answer(value: unknown): void;
  fail(): void;
}

/** A line whose answers the test gives, and a record of what reached the page. */
function stage() {
  const questions: Question[] = [];
  const later: (() => void)[] = [];
  const seen: string[] = [];
  const line: Line & { open: boolean } = {
    open: true,
    ask: (name, payload) =>
      new Promise((answer, fail) => {
        questions.push({
          name,
          payload: payload as Record<string, unknown>,
          answer,
          fail: () => fail(new Error("late")),
        });
      }),
  };
  const sink = {
    events: (taskId: string, events: readonly Event[]) =>
      void seen.push(...events.map((one) => `${taskId} ${one.epoch}:${one.seq}`)),
    snapshot: (taskId: string, snapshot: Snapshot | null) =>
      void seen.push(`${taskId} ${snapshot === null ? "gone" : `= ${snapshot.epoch}:${snapshot.seq}`}`),
    documentGone: (documentId: string) => void seen.push(`${documentId} gone`),
  };
  const follower = new Follower(line, sink, (callback) => later.push(callback));
  const next = (): Question => questions.shift() as Question;
  return { follower, line, seen, later, questions, next };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const snapshotAt = (epoch: number, seq: number, taskId = "t"): Snapshot =>
  ({ task_id: taskId, epoch, seq }) as Snapshot;
const history = (...events: Event[]): WatchAnswer => ({ ok: true, epoch: 1, seq: events.at(-1)?.seq ?? 0, events });
const state = (epoch: number, seq: number): WatchAnswer => ({ ok: true, epoch, seq, snapshot: snapshotAt(epoch, seq) });

async function watched(upTo: number) {
  const at = stage();
  at.follower.watch("t");
  at.next().answer(state(1, upTo));
  await settled();
  at.seen.length = 0;
  return at;
}

test("an event is old, next, or shows a gap", () => {
  assert.equal(judge({ epoch: 2, seq: 5 }, event(5, 2)), "old");
  assert.equal(judge({ epoch: 2, seq: 5 }, event(9, 1)), "old");
  assert.equal(judge({ epoch: 2, seq: 5 }, event(6, 2)), "next");
  assert.equal(judge({ epoch: 2, seq: 5 }, event(7, 2)), "gap");
  assert.equal(judge({ epoch: 2, seq: 5 }, event(6, 3)), "gap");
  assert.equal(judge(null, event(1, 9)), "next");
  assert.equal(judge(null, event(2, 9)), "gap");
});

test("repeated events are shown once", async () => {
  const { follower, seen } = await watched(2);
  follower.receive([event(1), event(2), event(3)]);
  follower.receive([event(3), event(4)]);
  assert.deepEqual(seen, ["t 1:3", "t 1:4"]);
});

test("a gap asks again from the last known number and loses nothing", async () => {
  const { follower, seen, next } = await watched(2);
  follower.receive([event(3), event(6)]);
  follower.receive([event(7)]);
  assert.deepEqual(seen, ["t 1:3"]);
  const question = next();
  assert.deepEqual(question.payload, { task_id: "t", epoch: 1, seq: 3 });
  question.answer(history(event(4), event(5), event(6)));
  await settled();
  assert.deepEqual(seen, ["t 1:3", "t 1:4", "t 1:5", "t 1:6", "t 1:7"]);
});

test("events that arrive before the answer are held until it is there", async () => {
  const { follower, seen, next } = stage();
  follower.watch("t");
  follower.receive([event(4)]);
  assert.deepEqual(seen, []);
  next().answer(state(1, 3));
  await settled();
  assert.deepEqual(seen, ["t = 1:3", "t 1:4"]);
});

test("an event of a new epoch is never applied to the old state", async () => {
  const { follower, seen, next } = await watched(2);
  follower.receive([event(3, 2)]);
  next().answer(state(2, 3));
  await settled();
  assert.deepEqual(seen, ["t = 2:3"]);
});

test("a reset replaces what is shown, and what follows it continues there", async () => {
  const { follower, seen } = await watched(2);
  follower.receiveReset({ task_id: "t", epoch: 2, seq: 8, snapshot: snapshotAt(2, 8) });
  follower.receive([event(9, 2)]);
  assert.deepEqual(seen, ["t = 2:8", "t 2:9"]);
});

test("a reset older than the answer it waited for is dropped", async () => {
  const { follower, seen, next } = stage();
  follower.watch("t");
  follower.receiveReset({ task_id: "t", epoch: 1, seq: 3, snapshot: snapshotAt(1, 3) });
  next().answer(state(1, 5));
  await settled();
  assert.deepEqual(seen, ["t = 1:5"]);
});

test("a reset to nothing says that the task is gone", async () => {
  const { follower, seen } = await watched(2);
  follower.receiveReset({ task_id: "t", epoch: 1, seq: 2, snapshot: null });
  assert.deepEqual(seen, ["t gone"]);
  assert.deepEqual(follower.followed().tasks, []);
});

test("an unknown task is gone, and not asked for again", async () => {
  const { follower, seen, next, later } = stage();
  follower.watch("t");
  next().answer({ ok: false, code: "not_found" });
  await settled();
  assert.deepEqual(seen, ["t gone"]);
  assert.equal(later.length, 0);
});

test("an unknown document is gone, and not asked for again", async () => {
  const { follower, seen, next, later } = stage();
  follower.watchDocument("d");
  next().answer({ ok: false, code: "not_found" });
  await settled();
  assert.deepEqual(seen, ["d gone"]);
  assert.equal(later.length, 0);
});

test("a watch that the store could not answer is asked again", async () => {
  const { follower, seen, next, later } = stage();
  follower.watch("t");
  next().answer({ ok: false, code: "store_unavailable" });
  await settled();
  later.shift()?.();
  next().answer(state(1, 1));
  await settled();
  assert.deepEqual(seen, ["t = 1:1"]);
});

test("after a lost line the old answer counts for nothing and the new one for all", async () => {
  const { follower, line, seen, next } = stage();
  follower.watch("t");
  const lostQuestion = next();
  line.open = false;
  follower.lost();
  line.open = true;
  void follower.watchAgain();
  lostQuestion.answer(state(1, 9));
  await settled();
  assert.deepEqual(seen, []);
  next().answer(state(1, 4));
  await settled();
  assert.deepEqual(seen, ["t = 1:4"]);
});

test("a document is watched again with the positions of its tasks", async () => {
  const { follower, next, seen } = stage();
  follower.watchDocument("d");
  next().answer({ ok: true, tasks: { a: state(1, 2), b: history(event(1, 1, "b")) } });
  await settled();
  void follower.watchAgain();
  const question = next();
  assert.equal(question.name, "watch_document");
  assert.deepEqual(question.payload, { document_id: "d", positions: { a: [1, 2], b: [1, 1] } });
  question.answer({ ok: true, tasks: { a: history(event(3, 1, "a")), b: history() } });
  await settled();
  assert.deepEqual(seen, ["a = 1:2", "b 1:1", "a 1:3"]);
});

test("a task created later for a watched document is followed by itself", async () => {
  const { follower, next, seen, questions } = stage();
  follower.watchDocument("d");
  next().answer({ ok: true, tasks: {} });
  await settled();
  follower.receive([queued("n", "d")]);
  follower.receive([event(2, 1, "n")]);
  assert.deepEqual(seen, ["n 1:1", "n 1:2"]);
  assert.equal(questions.length, 0);
});

test("events of tasks that the document's answer will name are held", async () => {
  const { follower, next, seen } = stage();
  follower.watchDocument("d");
  follower.receive([event(3, 1, "a")]);
  follower.receive([queued("n", "d")]);
  next().answer({ ok: true, tasks: { a: state(1, 2) } });
  await settled();
  assert.deepEqual([...seen].sort(), ["a 1:3", "a = 1:2", "n 1:1"]);
});

test("what no longer is watched is not shown", async () => {
  const { follower, next, seen } = stage();
  follower.watchDocument("d");
  next().answer({ ok: true, tasks: { a: state(1, 2) } });
  await settled();
  follower.unwatchDocument("d");
  follower.receive([event(3, 1, "a")]);
  assert.deepEqual(seen, ["a = 1:2"]);
});

test("what HTTP tells continues where the socket stopped", async () => {
  const { follower, line, seen } = await watched(2);
  line.open = false;
  follower.lost();
  follower.learn("t", null, { ok: true, epoch: 1, seq: 4, events: [event(3), event(4)] });
  assert.deepEqual(seen, ["t 1:3", "t 1:4"]);
  assert.deepEqual(follower.positions(), { t: { epoch: 1, seq: 4 } });
});

test("a status body without events is a snapshot, with what its result carries", () => {
  const body = { task_id: "t", epoch: 1, seq: 9, state: "SUCCESS", result: { answer: "57 %" }, position: null };
  const answer = answerOf(body as unknown as Parameters<typeof answerOf>[0]);
  assert.ok("snapshot" in answer);
  assert.equal(answer.snapshot?.text, "57 %");
  assert.deepEqual(answer.snapshot?.findings, []);
  assert.ok(!("position" in (answer.snapshot as object)));
});
