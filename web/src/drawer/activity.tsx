import type { Snapshot } from "../contract.gen.ts";
import { now } from "../state/clock.ts";
import { heardOf, reviews, shown, titleOf } from "../state/review.ts";
import { standingOf } from "../state/standing.ts";
import { hasEnded, task } from "../state/tasks.ts";
import { TaskActions, TaskState } from "../task_state.tsx";
import { inWords, moment } from "../words/durations.ts";
import { engineName } from "../words/engines.ts";

/** The most lines that anyone reads. */
const SHOWN = 200;

/** What was asked for, and what became of it: the latest first, and what was asked for at once in the document's order. */
export function Activity() {
  const order = new Map(shown.value?.sections.map((section, index) => [section.section_id, index]));
  const at = ({ section_id: sectionId }: Snapshot): number => order.get(sectionId ?? "") ?? -1;
  const snapshots = heardOf.value
    .map((taskId) => task(taskId).value)
    .filter((snapshot) => snapshot !== null)
    .toSorted((a, b) => b.created_at - a.created_at || at(a) - at(b))
    .slice(0, SHOWN);
  if (snapshots.length === 0) return <p class="faint">Nothing was asked for yet.</p>;
  return (
    <div class="table-frame">
      <table class="log">
        <thead>
          <tr>
            <th scope="col">Asked</th>
            <th scope="col">What</th>
            <th scope="col">Where it stands</th>
            <th scope="col">Waited</th>
            <th scope="col">Ran</th>
            <th scope="col">Engine</th>
            <th scope="col">
              <span class="unseen">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {snapshots.map((snapshot) => (
            <Row snapshot={snapshot} key={snapshot.task_id} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ snapshot }: { readonly snapshot: Snapshot }) {
  const time = hasEnded(snapshot) ? (snapshot.ended_at ?? 0) : now.value;
  const standing = standingOf(snapshot, snapshot.findings.length);
  const { started_at: startedAt, created_at: createdAt } = snapshot;
  const isLatest = snapshot.section_id !== null && reviews.value.get(snapshot.section_id)?.taskId === snapshot.task_id;
  const what = whatOf(snapshot);
  return (
    <tr>
      <td class="number">{moment(createdAt, now.value)}</td>
      <td>{what}</td>
      <td>
        {/* Times and engine have columns of their own. */}
        <TaskState standing={{ ...standing, facts: [] }} error={snapshot.error?.message} />
      </td>
      <td class="number">{inWords((startedAt ?? time) - createdAt)}</td>
      <td class="number">{startedAt === null ? "" : inWords(time - startedAt)}</td>
      <td>{engineName(snapshot.engine, snapshot.model)}</td>
      <td>{(isLatest || !hasEnded(snapshot)) && <TaskActions snapshot={snapshot} what={what} />}</td>
    </tr>
  );
}

function whatOf(snapshot: Snapshot): string {
  if (snapshot.kind === "chat") return "Question";
  return titleOf(shown.value?.sections.find((each) => each.section_id === snapshot.section_id));
}
