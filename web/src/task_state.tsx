import type { Snapshot } from "./contract.gen.ts";
import { CopyButton } from "./copy_button.tsx";
import { Dot } from "./dot.tsx";
import { cancel, retry, retryNow } from "./state/review.ts";
import { detailsOf, type Standing } from "./state/standing.ts";
import { hasEnded } from "./state/tasks.ts";

/** The state of a task wherever one is shown: by shape, by colour, and in words. */
export function TaskState({ standing, error }: { readonly standing: Standing; readonly error?: string | undefined }) {
  const { shape, words, facts } = standing;
  return (
    <>
      <Dot shape={shape} />
      <span class="standing-line" data-shape={shape} title={error}>
        <span class="standing-words">{words}</span>
        {facts.length > 0 && <span class="standing-facts">{` · ${facts.join(" · ")}`}</span>}
      </span>
    </>
  );
}

interface Acting {
  readonly snapshot: Snapshot;
  /** What the task is about: a list of buttons alone must tell them apart. */
  readonly what: string;
  /** Sends it again; left out where something else was asked for since. */
  readonly again?: ((taskId: string) => void) | undefined;
}

/** What can be done about a task: stop it, try again, say what happened. */
export function TaskActions({ snapshot, what, again = (taskId) => void retry(taskId) }: Acting) {
  const taskId = snapshot.task_id;
  const failed = snapshot.state === "FAILURE";
  return (
    <>
      {snapshot.state === "RETRY" && (
        <button type="button" class="quiet" aria-label={`Try now: ${what}`} onClick={() => void retryNow(taskId)}>
          Try now
        </button>
      )}
      {!hasEnded(snapshot) && (
        <button type="button" class="quiet" aria-label={`Stop: ${what}`} onClick={() => void cancel(taskId)}>
          Stop
        </button>
      )}
      {(failed || snapshot.state === "REVOKED") && (
        <button type="button" class="quiet" aria-label={`Try again: ${what}`} onClick={() => again(taskId)}>
          Try again
        </button>
      )}
      {failed && (
        <CopyButton text={() => detailsOf(snapshot, what)} label={`Copy details: ${what}`}>
          Copy details
        </CopyButton>
      )}
    </>
  );
}
