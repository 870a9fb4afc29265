import { useEffect, useState } from "preact/hooks";
import type { CostLevel, Costs } from "../api/answers.ts";
import { get } from "../api/http.ts";
import { tell } from "../state/notices.ts";
import { dollars, moment } from "../words/durations.ts";

/** What today's calls cost, and how much of a limit is left; a warning from 80 % of it on. */
export function CostToday() {
  const [costs, setCosts] = useState<Costs | null>(null);
  useEffect(() => {
    get<Costs>("costs").then(setCosts, (error: unknown) => tell(error, "The day's costs could not be loaded."));
  }, []);
  if (costs === null) return null;
  return (
    <>
      <Level whose="Yours today" level={costs.mine} />
      {costs.all.limit_usd !== null && <Level whose="Everybody's today" level={costs.all} />}
      <p class="faint">Prices as of {costs.prices_as_of}. A day begins at midnight UTC.</p>
    </>
  );
}

function Level({ whose, level }: { readonly whose: string; readonly level: CostLevel }) {
  const worth = level.state === "near" || level.state === "reached";
  return (
    <p class={worth ? "warning" : ""} role={worth ? "status" : undefined}>
      {levelWords(whose, level)}
    </p>
  );
}

function levelWords(whose: string, { spent_usd, held_usd, limit_usd, state, opens_at }: CostLevel): string {
  const held = held_usd > 0 ? `, ${dollars(held_usd)} more reserved` : "";
  const words = `${whose}: ${dollars(spent_usd)}${held}${limit_usd === null ? "" : ` of ${dollars(limit_usd)}`}.`;
  if (state === "near") return `${words} The limit is near.`;
  if (state === "reached") return `${words} The limit is reached; it opens again at ${moment(opens_at, Date.now())}.`;
  return words;
}
