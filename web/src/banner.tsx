import { useEffect, useState } from "preact/hooks";
import type { Phase } from "./live/client.ts";
import { caughtUp, phase } from "./state/server.ts";

/** A connection that is back within this time was never missed by anyone. */
const UNNOTICED_MS = 700;

const SENTENCES: Readonly<Record<Phase, string>> = {
  live: "",
  connecting: "Connecting to the server.",
  reconnecting: "Reconnecting; your review continues on the server.",
  polling: "No live connection. The server is asked over HTTP instead; news come a few seconds later.",
  unreachable:
    "The server cannot be reached. What was accepted is kept there; this page goes on by itself when it is back.",
};

/** The truth about the connection, and nothing at all while it is there. */
export function Banner() {
  const away = phase.value !== "live";
  const [noticed, setNoticed] = useState(false);
  useEffect(() => {
    if (!away) return setNoticed(false);
    const timer = setTimeout(() => setNoticed(true), UNNOTICED_MS);
    return () => clearTimeout(timer);
  }, [away]);
  const sentence = away && noticed ? SENTENCES[phase.value] : caughtUp.value ? "Back, caught up." : "";
  return (
    <div class="banner" role="status" data-phase={phase.value} data-back={!away || undefined} hidden={sentence === ""}>
      {sentence}
    </div>
  );
}
