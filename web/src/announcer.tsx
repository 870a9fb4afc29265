import { announced } from "./state/announcing.ts";

/** The page's one live region. Streaming text is never in it; changes of state are, gathered. */
export function Announcer() {
  return (
    <p class="unseen" role="status">
      {announced.value}
    </p>
  );
}
