import type { DocumentListed } from "../api/answers.ts";
import { Dot } from "../dot.tsx";
import { documentHref } from "../route.ts";
import { now } from "../state/clock.ts";
import { allTasksListed, myTasks, remove } from "../state/library.ts";
import { task } from "../state/tasks.ts";
import { bytesInWords, counted, moment } from "../words/durations.ts";
import type { Shape } from "../words/task_words.ts";

/** One earlier document, with where its review stands. */
export function Recent({ document }: { readonly document: DocumentListed }) {
  const { shape, words } = standing(document);
  return (
    <li>
      <a href={documentHref(document.document_id)}>
        <Dot shape={shape} />
        <span class="recent-name">{document.name}</span>
        <span class="recent-words">{words}</span>
      </a>
      <span class="recent-facts">
        {moment(document.created_at, now.value)} · {bytesInWords(document.size_bytes)}
      </span>
      <button
        type="button"
        class="quiet"
        aria-label={`Delete ${document.name}`}
        onClick={() => {
          if (confirm(`Delete “${document.name}” with its findings and chats? This cannot be undone.`))
            void remove(document);
        }}
      >
        Delete
      </button>
    </li>
  );
}

/** Where a document stands as a whole: what is most in need of attention gives the dot its shape. */
function standing(document: DocumentListed): { readonly shape: Shape; readonly words: string } {
  const latest = new Map<string, string>();
  // Newest first, so the first task of a section is its latest.
  for (const each of myTasks.value) {
    if (each.kind !== "analysis" || each.document_id !== document.document_id || each.section_id === null) continue;
    if (!latest.has(each.section_id)) latest.set(each.section_id, task(each.task_id).value?.state ?? each.state);
  }
  const sections = counted(document.section_count, "section");
  // Of an older document the list may know a part only, which must not pass for the whole.
  const isKnown = latest.size > 0 && (allTasksListed.value || latest.size === document.section_count);
  if (!isKnown) return { shape: "idle", words: sections };
  const count = (...states: string[]): number => [...latest.values()].filter((state) => states.includes(state)).length;
  const done = count("SUCCESS");
  const others = [
    [count("PENDING", "PROGRESS", "RETRY"), "under way", "running"],
    [count("FAILURE"), "failed", "failed"],
    [count("REVOKED"), "stopped", "stopped"],
  ] as const;
  const present = others.filter(([number]) => number > 0);
  const words = [`${done} of ${sections} reviewed`, ...present.map(([number, words]) => `${number} ${words}`)].join(
    ", ",
  );
  return { shape: present[0]?.[2] ?? "done", words };
}
