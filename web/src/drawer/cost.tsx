import type { Snapshot } from "../contract.gen.ts";
import { heardOf } from "../state/review.ts";
import { task } from "../state/tasks.ts";
import { dollars, figure } from "../words/durations.ts";
import { engineName } from "../words/engines.ts";
import { CostToday } from "./cost_today.tsx";

interface Sum {
  readonly tasks: number;
  readonly read: number;
  readonly cached: number;
  readonly written: number;
  readonly costUsd: number;
  /** Tasks whose cost nobody has named: under way, or of a model without a known price. */
  readonly unpriced: number;
}

const NOTHING: Sum = { tasks: 0, read: 0, cached: 0, written: 0, costUsd: 0, unpriced: 0 };

/** What the reviews and answers of this document used, by engine. */
export function Cost() {
  const sums = new Map<string, Sum>();
  const free = engineName("checker", null);
  for (const taskId of heardOf.value) {
    const snapshot = task(taskId).value;
    if (snapshot?.engine) {
      const name = engineName(snapshot.engine, snapshot.model);
      sums.set(name, plus(sums.get(name) ?? NOTHING, snapshot));
    }
  }
  return (
    <>
      <CostToday />
      {sums.size === 0 ? <p class="faint">Nothing was used yet.</p> : <Sums sums={sums} free={free} />}
    </>
  );
}

function Sums({ sums, free }: { readonly sums: ReadonlyMap<string, Sum>; readonly free: string }) {
  return (
    <div class="table-frame">
      <table class="log">
        <thead>
          <tr>
            <th scope="col">Engine</th>
            <th scope="col">Reviews and answers</th>
            <th scope="col">Tokens read</th>
            <th scope="col">of these from the cache</th>
            <th scope="col">Tokens written</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {[...sums].map(([name, sum]) => (
            <tr key={name}>
              <td>{name}</td>
              {[sum.tasks, sum.read, sum.cached, sum.written].map((count, index) => (
                <td class="number" key={index}>
                  {figure(count)}
                </td>
              ))}
              <td class="number">{name === free ? "free" : costWords(sum)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function plus(sum: Sum, { usage, cost_usd: cost }: Snapshot): Sum {
  const cached = usage?.cache_read_input_tokens ?? 0;
  return {
    tasks: sum.tasks + 1,
    read: sum.read + (usage?.input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0) + cached,
    cached: sum.cached + cached,
    written: sum.written + (usage?.output_tokens ?? 0),
    costUsd: sum.costUsd + (cost ?? 0),
    unpriced: sum.unpriced + (cost === null ? 1 : 0),
  };
}

function costWords({ costUsd, unpriced, tasks }: Sum): string {
  if (unpriced === tasks) return "not known";
  return unpriced > 0 ? `${dollars(costUsd)}, ${unpriced} not known` : dollars(costUsd);
}
