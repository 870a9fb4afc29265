import type { MinuteStats } from "../api/answers.ts";
import { minutes } from "../state/history.ts";
import { inWords } from "../words/durations.ts";

const WIDTH = 240;
const HEIGHT = 64;

interface Line {
  readonly words: string;
  readonly values: readonly (number | null)[];
}

/** Three small pictures of the last hour. The same is said in words, for those who do not see them. */
export function Charts() {
  const hour = minutes.value;
  if (hour.length === 0) return null;
  const started = hour.map((minute) => minute.started);
  const waited = hour.map((minute) => minute.wait_p95_ms ?? 0);
  const used = hour.map((minute) => minute.share);
  const lately = hour.at(-2) as MinuteStats;
  return (
    <section aria-labelledby="hour">
      <h2 id="hour">The last hour</h2>
      <div class="charts">
        <Chart
          title="Started a minute"
          now={`${lately.started}`}
          most={Math.max(...started) > 0 ? `at most ${Math.max(...started)}` : "nothing was started"}
          bars={started}
          top={Math.max(4, ...started)}
        />
        <Chart
          title="Waited to start"
          now={lately.wait_median_ms === null ? "nobody" : inWords(lately.wait_median_ms)}
          most={
            Math.max(...waited) > 0
              ? `median; dashed the 95th percentile, at most ${inWords(Math.max(...waited))}`
              : "nobody waited"
          }
          lines={[
            { words: "median", values: hour.map((minute) => minute.wait_median_ms) },
            { words: "p95", values: hour.map((minute) => minute.wait_p95_ms) },
          ]}
          top={Math.max(1_000, ...waited)}
        />
        <Chart
          title="Share of the limit used"
          now={percent(lately.share)}
          most={usedWords(Math.max(...used))}
          bars={used}
          top={Math.max(1, ...used)}
          full={1}
        />
      </div>
    </section>
  );
}

function usedWords(most: number): string {
  if (most === 0) return "nothing was taken of a limit";
  return most < 0.01 ? "under 1 % all the time" : `at most ${percent(most)}`;
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`;
}

interface Drawn {
  readonly title: string;
  readonly now: string;
  readonly most: string;
  readonly top: number;
  readonly bars?: readonly number[];
  readonly lines?: readonly Line[];
  /** Where all of a limit is used. */
  readonly full?: number;
}

function Chart({ title, now, most, top, bars = [], lines = [], full }: Drawn) {
  const y = (value: number): number => HEIGHT - (value / top) * (HEIGHT - 2);
  return (
    <figure class="chart">
      <figcaption>
        {title} <strong>{now}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, last hour: in the last full minute ${now}; ${most}.`}
      >
        {full !== undefined && <line class="chart-full" x1={0} x2={WIDTH} y1={y(full)} y2={y(full)} />}
        {bars.map((value, minute) => {
          const step = WIDTH / bars.length;
          return (
            value > 0 && (
              <rect key={minute} x={minute * step} width={step - 1} y={y(value)} height={HEIGHT - y(value)} />
            )
          );
        })}
        {lines.map(({ words, values }) => (
          <path key={words} class={`chart-${words}`} d={pathOf(values, y)} />
        ))}
        <line class="chart-floor" x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      </svg>
      <p class="small faint">{most}</p>
    </figure>
  );
}

/** A line through the minutes that have a value; a minute alone is a short dash. */
function pathOf(values: readonly (number | null)[], y: (value: number) => number): string {
  const step = WIDTH / values.length;
  let open = false;
  return values
    .map((value, minute) => {
      if (value === null) return ((open = false), "");
      const move = open ? "L" : "M";
      open = true;
      const [from, to] = [minute * step, (minute + 1) * step - 1];
      return `${move}${from.toFixed(1)} ${y(value).toFixed(1)}H${to.toFixed(1)}`;
    })
    .join("");
}
