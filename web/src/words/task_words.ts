import { MAX_TRIES, type Snapshot, type TaskError } from "../contract.gen.ts";
import type { Place } from "../live/protocol.ts";
import { counted, inWords, ordinal } from "./durations.ts";

/** The dot's shape says the same as the words: ○ not asked, ◌ waiting, ◐ running, ● done, ◍ retrying, ✕ failed, ▢ stopped. */
export type Shape = "idle" | "waiting" | "running" | "done" | "retrying" | "failed" | "stopped";

export interface TaskWords {
  readonly shape: Shape;
  readonly words: string;
}

const WHY_BACK_IN_LINE: Readonly<Record<string, string>> = {
  rate_limited: "waiting for the account's limit; nothing is lost",
  account_paused: "waiting: the Claude account cannot be used at the moment",
  message_lost: "back in line: the start was lost on the way",
  worker_lost: "back in line: its worker stopped answering",
  placed_elsewhere: "back in line: it moves to another worker",
  handed_back: "back in line: its worker is shutting down",
};

const WHY_RETRYING: Readonly<Record<string, string>> = {
  overloaded: "Claude is overloaded",
  rate_limited: "the account's limit is reached",
  connection_lost: "the connection to Claude was lost",
  deadline: "Claude took too long",
  stalled: "Claude stopped in the middle",
  ended_early: "Claude's answer ended early",
  garbled: "Claude's answer could not be read",
  server_error: "Claude had an error",
  placed_elsewhere: "it waits for another worker",
  internal_error: "we had an error of our own",
};

/**
 * Where a task stands, in words. `now` is the server's time; `found` what is shown for its section;
 * `limit` whose limit its line waits for, empty where that is not known.
 */
export function taskWords(
  snapshot: Snapshot,
  place: Place | null,
  now: number,
  found: number,
  limit: string,
): TaskWords {
  switch (snapshot.state) {
    case "PENDING":
      return { shape: "waiting", words: waitingWords(snapshot, place, now, limit) };
    case "PROGRESS":
      return { shape: "running", words: runningWords(snapshot, found) };
    case "RETRY":
      return { shape: "retrying", words: retryingWords(snapshot, now) };
    case "SUCCESS":
      return { shape: "done", words: snapshot.kind === "analysis" ? doneWords(found) : "done" };
    case "FAILURE":
      return { shape: "failed", words: failedWords(snapshot) };
    case "REVOKED":
      return { shape: "stopped", words: "stopped" };
  }
}

function waitingWords(snapshot: Snapshot, place: Place | null, now: number, limit: string): string {
  if (place === null) return WHY_BACK_IN_LINE[snapshot.reason ?? ""] ?? "waiting in line";
  const opens = place.reopens_at === null ? 0 : place.reopens_at - now;
  switch (place.waiting_for) {
    case "budget":
      // Only the first waits for the limit itself; the others wait for those before them.
      if (place.position > 1) return `${position(place)}${estimate(place)}`;
      return `starts ${opens > 0 ? `in ${inWords(opens)}` : "soon"}${limit && `, ${limit}`}`;
    case "worker":
      if (place.eta_s === null) return `${position(place)}; no worker is running`;
      return `${position(place)}${estimate(place)}; all workers are busy`;
    case "engine":
      return `${position(place)}; Claude is away${opens > 0 ? `, tried again in ${inWords(opens)}` : ""}`;
    case "turn":
      return `${position(place)}${estimate(place)}`;
  }
}

function position(place: Place): string {
  if (place.position === 1) return "next in line";
  return `${place.about ? "about " : ""}${ordinal(place.position)} in line`;
}

function estimate(place: Place): string {
  if (place.eta_s === null) return "";
  return place.eta_s < 1 ? ", starts soon" : `, about ${inWords(place.eta_s * 1_000)}`;
}

function runningWords(snapshot: Snapshot, found: number): string {
  const does = snapshot.status.charAt(0).toLowerCase() + snapshot.status.slice(1);
  if (snapshot.kind !== "analysis" || found === 0 || /finding/.test(does)) return `${does}…`;
  return `${does}… ${counted(found, "finding")} so far`;
}

function retryingWords(snapshot: Snapshot, now: number): string {
  const left = (snapshot.retry_at ?? now) - now;
  const when = left > 0 ? `trying again in ${inWords(left)}` : "trying again";
  const reason = snapshot.reason ?? "";
  const why = WHY_RETRYING[reason.replace(/_\d+$/, "")] ?? reason;
  // A failure while Claude is away counts as none of the attempts.
  const attempt = snapshot.tries > 0 ? ` (attempt ${snapshot.tries + 1} of ${MAX_TRIES})` : "";
  return `${when}${attempt}${why ? `: ${why}` : ""}`;
}

function doneWords(found: number): string {
  return found === 0 ? "done, nothing found" : `done, ${counted(found, "finding")}`;
}

function failedWords(snapshot: Snapshot): string {
  const verb = snapshot.kind === "analysis" ? "could not be reviewed" : "could not be answered";
  return snapshot.error === null ? verb : `${verb}: ${plainly(snapshot.error)}`;
}

/** What Claude's interface calls a refused request helps whoever runs the server, not the reader. */
function plainly({ code, message }: TaskError): string {
  return code === "bad_request" ? message.replace(/ \([^()]*\)/g, "") : message;
}

/** The same where there is little room, and the whole sentence stands near. */
export function shortWords(snapshot: Snapshot | null, words: string): string {
  return snapshot?.state === "FAILURE" ? "could not be reviewed" : words;
}
