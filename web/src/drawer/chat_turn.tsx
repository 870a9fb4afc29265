import type { Citation, Turn } from "../api/answers.ts";
import type { Snapshot } from "../contract.gen.ts";
import { askAgain } from "../state/chat.ts";
import { shown, titleOf } from "../state/review.ts";
import { cite } from "../state/selection.ts";
import { standingOf } from "../state/standing.ts";
import { hasEnded, task } from "../state/tasks.ts";
import { CopyButton } from "../copy_button.tsx";
import { TaskActions, TaskState } from "../task_state.tsx";
import { Prose } from "../text/prose.tsx";
import { placesOf } from "../text/quotes.ts";
import { engineName } from "../words/engines.ts";

/** A question and its answer as far as it has come. */
export function ChatTurn({ turn }: { readonly turn: Turn }) {
  const snapshot = task(turn.task_id).value;
  const text = snapshot?.text ?? turn.answer;
  const state = snapshot?.state ?? turn.state;
  const citations = (snapshot?.result?.["citations"] as readonly Citation[] | undefined) ?? turn.citations;
  const engine = engineName(snapshot?.engine ?? turn.engine, snapshot?.model ?? turn.model);
  return (
    <div class="turn">
      <p class="question">{turn.message}</p>
      {text !== "" && <Prose text={text} />}
      {citations.length > 0 && <Citations citations={citations} />}
      <div class="turn-foot">
        {snapshot && !hasEnded(snapshot) && <UnderWay snapshot={snapshot} />}
        {state === "FAILURE" && <span class="failed">{(snapshot?.error ?? turn.error)?.message}</span>}
        {state === "REVOKED" && <span>stopped</span>}
        {(state === "FAILURE" || state === "REVOKED") && (
          <button type="button" class="quiet" onClick={() => void askAgain(turn)}>
            Ask again
          </button>
        )}
        {state === "SUCCESS" && (
          <>
            <span class="faint">{engine}</span>
            <CopyButton text={() => text} label="Copy this answer">
              Copy
            </CopyButton>
          </>
        )}
      </div>
    </div>
  );
}

function UnderWay({ snapshot }: { readonly snapshot: Snapshot }) {
  return (
    <>
      <TaskState standing={standingOf(snapshot, 0)} />
      <TaskActions snapshot={snapshot} what="this question" />
    </>
  );
}

function Citations({ citations }: { readonly citations: readonly Citation[] }) {
  const sections = new Map(shown.value?.sections.map((section) => [section.section_id, section]));
  const once = [...new Map(citations.map((each) => [`${each.section_id} ${each.quote}`, each])).values()];
  return (
    <ul class="citations" aria-label="Quotes">
      {once.map((citation, index) => {
        const section = sections.get(citation.section_id);
        const places = placesOf(citation.quote, section?.text ?? "").length;
        return (
          <li key={index}>
            <button type="button" class="citation" onClick={() => cite(citation)}>
              “{citation.quote}”{" "}
              <span class="faint">
                {section && titleOf(section)}
                {places > 1 && ` · stands ${places} times, press again for the next`}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
