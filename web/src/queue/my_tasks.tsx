import type { TaskListed } from "../api/answers.ts";
import { STATUS_WORDS, type Snapshot, type TaskState as State } from "../contract.gen.ts";
import { documentHref } from "../route.ts";
import { now } from "../state/clock.ts";
import { deadLetters, documents, loadDeadLetters, loadTasks, myTasks } from "../state/library.ts";
import { retry } from "../state/review.ts";
import { standingOf } from "../state/standing.ts";
import { tell } from "../state/notices.ts";
import { titleOf } from "../state/titles.ts";
import { NOTHING_KNOWN, place, task } from "../state/tasks.ts";
import { moment } from "../words/durations.ts";
import { TaskActions, TaskState } from "../task_state.tsx";

const ORDER: Readonly<Record<State, number>> = {
  FAILURE: 0,
  RETRY: 1,
  PROGRESS: 2,
  PENDING: 3,
  REVOKED: 4,
  SUCCESS: 5,
};
const KINDS = { analysis: "Review", chat: "Question", test: "Connection test" } as const;

/** My latest tasks, failures first, each with its way out. */
export function MyTasks() {
  const present = (each: TaskListed): State => task(each.task_id).value?.state ?? each.state;
  const placeOf = (each: TaskListed): number => place(each.task_id).value?.position ?? 0;
  const mine = latestOnly(withDeadLetters(myTasks.value)).toSorted(
    (a, b) => ORDER[present(a)] - ORDER[present(b)] || placeOf(a) - placeOf(b) || b.created_at - a.created_at,
  );
  const open = mine.filter((each) => present(each) !== "SUCCESS");
  const done = mine.filter((each) => present(each) === "SUCCESS");
  return (
    <section aria-labelledby="mine">
      <h2 id="mine">My reviews and questions</h2>
      {open.length === 0 && (
        <p class="faint">{mine.length === 0 ? "Nothing was asked for yet." : "Nothing waits, runs or has failed."}</p>
      )}
      <List tasks={open} />
      {done.length > 0 && (
        <details>
          <summary>{done.length} done lately</summary>
          <List tasks={done} />
        </details>
      )}
    </section>
  );
}

function List({ tasks }: { readonly tasks: readonly TaskListed[] }) {
  return (
    <ul class="my-tasks">
      {tasks.map((each) => (
        <Line listed={each} key={each.task_id} />
      ))}
    </ul>
  );
}

/** The latest tasks, and of the earlier ones those that failed for good. Newest first, as lists are. */
function withDeadLetters(latest: readonly TaskListed[]): readonly TaskListed[] {
  const listed = new Set(latest.map((each) => each.task_id));
  return [...latest, ...deadLetters.value.filter((each) => !listed.has(each.task_id))];
}

/** A review that was asked for again since is no longer of interest. The list is newest first. */
function latestOnly(tasks: readonly TaskListed[]): readonly TaskListed[] {
  const seen = new Set<string>();
  return tasks.filter((each) => {
    const of = each.section_id === null ? each.task_id : `${each.document_id} ${each.section_id} ${each.kind}`;
    return !seen.has(of) && seen.add(of);
  });
}

function Line({ listed }: { readonly listed: TaskListed }) {
  const snapshot: Snapshot = task(listed.task_id).value ?? snapshotOf(listed);
  const standing = standingOf(snapshot, snapshot.findings.length);
  const sectionTitle = listed.kind === "analysis" ? titleOf(listed.document_id, listed.section_id) : null;
  const about = sectionTitle ?? KINDS[listed.kind];
  return (
    <li>
      <span class="my-task-words">
        <span class="my-task-what">
          {KINDS[listed.kind]}
          {sectionTitle && ` of “${sectionTitle}”`}
          {listed.document_id && (
            <>
              {listed.kind === "chat" ? " about " : sectionTitle ? " in " : " of "}
              <a href={documentHref(listed.document_id)}>{nameOf(listed.document_id)}</a>
            </>
          )}
        </span>
        <span class="my-task-state">
          <TaskState standing={standing} error={snapshot.error?.message} />
        </span>
      </span>
      <span class="recent-facts">{moment(listed.created_at, now.value)}</span>
      <span class="row-actions">
        <TaskActions snapshot={snapshot} what={about} again={(taskId) => void again(taskId)} />
      </span>
    </li>
  );
}

async function again(taskId: string): Promise<void> {
  await retry(taskId);
  try {
    await Promise.all([loadTasks(), loadDeadLetters()]);
  } catch (error) {
    tell(error, "Your reviews could not be listed.");
  }
}

function nameOf(documentId: string): string {
  return documents.value?.find((document) => document.document_id === documentId)?.name ?? "a document";
}

/** A line of the list as far as it is a snapshot; the rest comes when it is followed. */
function snapshotOf(listed: TaskListed): Snapshot {
  return { ...NOTHING_KNOWN, ...listed, status: STATUS_WORDS[listed.state] };
}
