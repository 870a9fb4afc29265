import type { BudgetStats, QueueStats } from "../api/answers.ts";
import { now } from "../state/clock.ts";
import { figure, inWords } from "../words/durations.ts";

/** What may be spent now of each limit, and when more comes. */
export function Budgets({ stats }: { readonly stats: QueueStats }) {
  // A kind has a limit only where one is configured; an account's limit is there before it is known.
  const budgets = Object.entries(stats.budgets).filter(
    ([name, { limit }]) => limit !== null || !name.startsWith("kind:"),
  );
  if (budgets.length === 0) return null;
  return (
    <section aria-labelledby="budgets">
      <h2 id="budgets">Limits</h2>
      <ul class="budgets">
        {budgets.map(([name, budget]) => (
          <Budget name={name} budget={budget} key={name} />
        ))}
      </ul>
    </section>
  );
}

function Budget({ name, budget }: { readonly name: string; readonly budget: BudgetStats }) {
  const { limit, left, closed_until: closedUntil, in_flight: inFlight } = budget;
  const closed = closedUntil !== null && closedUntil > now.value;
  const words = closed
    ? `closed, opens in ${inWords(closedUntil - now.value)}${budget.reason ? `: ${budget.reason}` : ""}`
    : spend(budget);
  return (
    <li>
      <span class="budget-name">{budgetName(name)}</span>
      {limit !== null && (
        <meter
          min={0}
          max={heldAtMost(limit)}
          value={Math.max(0, left ?? heldAtMost(limit))}
          aria-label={`Free now: ${budgetName(name)}`}
        />
      )}
      <span class="budget-words">
        {words}
        {inFlight > 0 && ` · ${inFlight} in flight`}
      </span>
    </li>
  );
}

/** A bucket holds five seconds' worth of its limit, at least one, and refills all the time. */
function heldAtMost(limit: number): number {
  return Math.max(1, limit / 12);
}

function spend({ limit, left }: BudgetStats): string {
  if (limit === null) return "limit not known yet: learned from the first answer";
  const perMinute = `limit ${figure(limit)} a minute`;
  if (left === null || left >= 0.99 * heldAtMost(limit)) return `${perMinute}, free now`;
  if (left >= 1) return `${perMinute}, ${figure(Math.floor(left))} may start now`;
  return `${perMinute}, next in ${inWords(((1 - left) / limit) * 60_000)}`;
}

/** "requests:claude-x" is the account's limit of a model, "kind:chat" a configured one. */
function budgetName(name: string): string {
  const [what, of] = name.split(/:(.*)/);
  if (what === "requests") return `Requests to ${of}`;
  if (what === "kind") return { analysis: "Reviews", chat: "Questions", test: "Connection tests" }[of ?? ""] ?? name;
  return name;
}
