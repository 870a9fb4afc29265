import type { Citation, Turn } from "../api/answers.ts";
import type { Snapshot } from "../contract.gen.ts";
import { now } from "../state/clock.ts";
import { askAgain } from "../state/chat.ts";
import { cancel, shown, titleOf } from "../state/review.ts";
import { cite } from "../state/selection.ts";
import { hasEnded, place, task } from "../state/tasks.ts";
import { Prose } from "../text/prose.tsx";
import { placesOf } from "../text/quotes.ts";
import { engineName } from "../words/engines.ts";
import { taskWords } from "../words/task_words.ts";

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
      <p class="turn-foot">
        {snapshot && !hasEnded(snapshot) && <UnderWay snapshot={snapshot} />}
        {state === "FAILURE" && <span class="failed">{(snapshot?.error ?? turn.error)?.message}</span>}
        {state === "REVOKED" && <span>stopped</span>}
        {(state === "FAILURE" || state === "REVOKED") && (
          <button type="button" class="quiet" onClick={() => void askAgain(turn)}>
            Ask again
          </button>
        )}
        {state === "SUCCESS" && <span class="faint">{engine}</span>}
      </p>
    </div>
  );
}

function UnderWay({ snapshot }: { readonly snapshot: Snapshot }) {
  const at = snapshot.state === "PENDING" ? place(snapshot.task_id).value : null;
  return (
    <>
      <span>{taskWords(snapshot, at, now.value, 0).words}</span>
      <button type="button" class="quiet" onClick={() => void cancel(snapshot.task_id)}>
        Stop
      </button>
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
