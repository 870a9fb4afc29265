import { useEffect } from "preact/hooks";
import type { QueueStats } from "../api/answers.ts";
import { get } from "../api/http.ts";
import { Bar } from "../bar.tsx";
import { LoadProblem } from "../load_problem.tsx";
import { leaveTasks, loadDeadLetters, loadDocuments, loadTasks } from "../state/library.ts";
import { followHistory, loadHistory } from "../state/history.ts";
import { keepLoading } from "../state/loading.ts";
import { live, queueStats } from "../state/server.ts";
import { loadTitles } from "../state/titles.ts";
import { counted, figure, inWords } from "../words/durations.ts";
import { engineName } from "../words/engines.ts";
import { Budgets } from "./budgets.tsx";
import { Charts } from "./charts.tsx";
import { MyTasks } from "./my_tasks.tsx";

/** How busy it is, what may still be spent, and what of it is mine. */
export function Queue() {
  useEffect(() => {
    live.watchQueue(true);
    const stopLoading = keepLoading(async () => {
      await Promise.all([loadTasks().then(loadTitles), loadDeadLetters(), loadDocuments(), loadStats(), loadHistory()]);
    });
    const stopHistory = followHistory();
    return () => {
      stopLoading();
      stopHistory();
      live.watchQueue(false);
      leaveTasks();
      queueStats.value = null;
    };
  }, []);
  const stats = queueStats.value;
  return (
    <>
      <Bar>
        <span class="spring" />
      </Bar>
      <main class="page">
        <h1>Queue</h1>
        <LoadProblem what="The queue cannot be shown now." />
        {stats && <Strip stats={stats} />}
        {stats && <Budgets stats={stats} />}
        {stats && <Charts />}
        <MyTasks />
      </main>
    </>
  );
}

async function loadStats(): Promise<void> {
  const stats = await get<QueueStats>("queue_stats");
  queueStats.value ??= stats;
}

function Strip({ stats }: { readonly stats: QueueStats }) {
  const figures: readonly (readonly [string, string])[] = [
    ["waiting", figure(stats.total_pending)],
    ["running", figure(stats.active_tasks + stats.reserved_tasks)],
    ["slots", figure(stats.slots)],
    ["oldest wait", inWords(stats.oldest_wait_s * 1_000)],
    ["failed for good", figure(stats.dead)],
  ];
  return (
    <>
      <dl class="strip">
        {figures.map(([words, figure]) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <p class="faint">{whoWorks(stats)}</p>
    </>
  );
}

function whoWorks(stats: QueueStats): string {
  const engines = stats.engines.map((engine) => engineName(engine, null)).join(" and ") || "no engine yet";
  if (!stats.available)
    return "No worker is running, or the store does not answer. What is accepted waits and is not lost.";
  if (stats.mode !== "celery") return `Everything runs in the server's own process, without Redis, with ${engines}.`;
  const slots = counted(stats.slots, "slot");
  if (stats.workers === 1) return `1 worker process with ${slots} works with ${engines}.`;
  return `${stats.workers} worker processes with ${slots} work with ${engines}.`;
}
