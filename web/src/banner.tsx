import { useEffect, useState } from "preact/hooks";
import type { Phase } from "./live/client.ts";
import { announce } from "./state/announcing.ts";
import { caughtUp, phase, storeAway } from "./state/server.ts";
import { underWay } from "./state/under_way.ts";

/** A connection that is back within this time was never missed by anyone. */
const UNNOTICED_MS = 1_000;

/** The truth about the connection and the store, and nothing at all while both are there. */
export function Banner() {
  const away = phase.value !== "live";
  const [noticed, setNoticed] = useState(false);
  useEffect(() => {
    if (!away) return setNoticed(false);
    const timer = setTimeout(() => setNoticed(true), UNNOTICED_MS);
    return () => clearTimeout(timer);
  }, [away]);
  const trouble = away ? noticed && connectionWords(phase.value) : storeAway.value && storeWords();
  const sentence = trouble || (!away && caughtUp.value && "Back, caught up.") || "";
  useEffect(() => announce(sentence), [sentence]);
  const isGood = !away && !storeAway.value;
  return (
    <aside
      class="banner"
      aria-label="Connection"
      data-phase={phase.value}
      data-back={isGood || undefined}
      hidden={sentence === ""}
    >
      {sentence}
    </aside>
  );
}

function connectionWords(now: Phase): string {
  switch (now) {
    case "live":
      return "";
    case "connecting":
      return "Connecting to the server.";
    case "reconnecting":
      return underWay.value ? "Reconnecting; your review continues on the server." : "Reconnecting to the server.";
    case "polling":
      return "No live connection. The server is asked over HTTP instead; news come a few seconds later.";
    case "unreachable":
      return underWay.value
        ? "The server cannot be reached. What was accepted is kept there; this page goes on by itself when it is back."
        : "The server cannot be reached. This page goes on by itself when it is back.";
  }
}

function storeWords(): string {
  return underWay.value
    ? "The store cannot be reached. Your review continues as soon as it is back."
    : "The store cannot be reached. This page goes on by itself when it is back.";
}
