import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Event, Snapshot } from "../src/contract.gen.ts";
import { reduce } from "../src/state/reduce.ts";

interface RecordedLog {
  readonly name: string;
  readonly events: readonly Event[];
  readonly snapshots: readonly Snapshot[];
}

const logs = JSON.parse(readFileSync(new URL("fixtures/logs.json", import.meta.url), "utf8")) as RecordedLog[];

for (const log of logs) {
  test(`the page folds as the server does: ${log.name}`, () => {
    let snapshot: Snapshot | null = null;
    log.events.forEach((event, index) => {
      snapshot = reduce(snapshot, event);
      assert.deepEqual(snapshot, log.snapshots[index], `after event ${event.seq}, ${event.type}`);
    });
  });

  test(`a page that comes later continues from the server's snapshot: ${log.name}`, () => {
    const middle = Math.floor(log.events.length / 2);
    let snapshot = log.snapshots[middle] as Snapshot;
    for (const event of log.events.slice(middle + 1)) snapshot = reduce(snapshot, event);
    assert.deepEqual(snapshot, log.snapshots.at(-1));
  });
}

test("reducing leaves the earlier snapshot as it was", () => {
  const log = logs[0] as RecordedLog;
  const before = Object.freeze(structuredClone(log.snapshots[3])) as Snapshot;
  const copy = structuredClone(before);
  reduce(before, log.events[4] as Event);
  assert.deepEqual(before, copy);
});
