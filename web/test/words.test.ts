import assert from "node:assert/strict";
import { test } from "node:test";
import type { Snapshot } from "../src/contract.gen.ts";
import type { Place } from "../src/live/protocol.ts";
import { dollars, inWords, ordinal } from "../src/words/durations.ts";
import { shortWords, taskWords } from "../src/words/task_words.ts";

const NOW = 1_790_000_000_000;
const snapshot = (part: Partial<Snapshot>): Snapshot => ({ kind: "analysis", attempt: 1, ...part }) as Snapshot;
const place = (part: Partial<Place>): Place => ({
  task_id: "t",
  position: 3,
  about: false,
  eta_s: 40,
  waiting_for: "turn",
  reopens_at: null,
  ...part,
});
const words = (part: Partial<Snapshot>, at: Place | null = null, found = 0, limit = "") =>
  taskWords(snapshot(part), at, NOW, found, limit).words;

test("a waiting task says its place, its time and what it waits for", () => {
  assert.equal(words({ state: "PENDING" }, place({})), "3rd in line, about 40 s");
  assert.equal(
    words({ state: "PENDING" }, place({ position: 900, about: true, eta_s: 600 })),
    "about 900th in line, about 10 min",
  );
  const limited = place({ position: 1, waiting_for: "budget", reopens_at: NOW + 12_000 });
  assert.equal(words({ state: "PENDING" }, limited), "starts in 12 s");
  assert.equal(words({ state: "PENDING" }, limited, 0, "the account's limit"), "starts in 12 s, the account's limit");
  assert.equal(
    words({ state: "PENDING" }, place({ waiting_for: "worker", eta_s: null })),
    "3rd in line; no worker is running",
  );
  assert.equal(words({ state: "PENDING", reason: "worker_lost" }), "back in line: its worker stopped answering");
  assert.equal(words({ state: "PENDING", reason: "submitted" }), "waiting in line");
});

test("a running task says what it does and what it has found", () => {
  assert.equal(words({ state: "PROGRESS", status: "Reading" }, null, 4), "reading… 4 findings so far");
  assert.equal(words({ state: "PROGRESS", status: "Starting" }), "starting…");
});

test("a retry counts down to the server's time and says why", () => {
  const retrying = { state: "RETRY", tries: 1, retry_at: NOW + 7_200, reason: "overloaded" } as const;
  assert.equal(words(retrying), "trying again in 8 s (attempt 2 of 3): Claude is overloaded");
  assert.equal(words({ ...retrying, tries: 0 }), "trying again in 8 s: Claude is overloaded");
});

test("each end has its words", () => {
  assert.equal(words({ state: "SUCCESS" }, null, 1), "done, 1 finding");
  assert.equal(words({ state: "SUCCESS" }), "done, nothing found");
  assert.equal(words({ state: "REVOKED" }), "stopped");
  const error = { code: "refused", message: "Claude declined.", retryable: false };
  assert.equal(words({ state: "FAILURE", error }), "could not be reviewed: Claude declined.");
});

test("what Claude's interface calls a refused request is not said to the reader", () => {
  const message = "Claude cannot take this request (messages: invalid); change the text or the settings.";
  const failed = { state: "FAILURE", error: { code: "bad_request", message, retryable: false } } as const;
  assert.equal(
    words(failed),
    "could not be reviewed: Claude cannot take this request; change the text or the settings.",
  );
  assert.equal(shortWords(snapshot(failed), words(failed)), "could not be reviewed");
});

test("numbers are written with their units", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 112, 1001].map(ordinal), [
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "112th",
    "1,001st",
  ]);
  assert.deepEqual([0, 400, 89_000, 120_000, 7_200_000].map(inWords), ["0 s", "1 s", "89 s", "2 min", "2 h"]);
  assert.deepEqual([0, 0.0001, 0.0042, 0.084, 1.5].map(dollars), [
    "$0.00",
    "under $0.001",
    "$0.004",
    "$0.084",
    "$1.50",
  ]);
});

test("those behind the first wait for their turn, not for the limit", () => {
  assert.equal(
    words({ state: "PENDING" }, place({ waiting_for: "budget", reopens_at: NOW + 9_000 })),
    "3rd in line, about 40 s",
  );
});
