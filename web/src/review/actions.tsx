import { download } from "../state/export.ts";
import { findingCount } from "../state/margins.ts";
import { analyzeAll, cancelAll, counts, remaining } from "../state/review.ts";
import { counted, dollars } from "../words/durations.ts";

/** "7 of 10 sections · 41 findings · $0.08" */
export function Figures() {
  const { sections, done, busy, failed, costUsd } = counts.value;
  const figures = [
    `${done} of ${counted(sections, "section")}`,
    ...(busy > 0 ? [`${busy} under way`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    counted(findingCount.value, "finding"),
    ...(costUsd > 0 ? [dollars(costUsd)] : []),
  ];
  return <span class="figures">{figures.join(" · ")}</span>;
}

export function ReviewActions() {
  const { busy, done, sections } = counts.value;
  const { left } = remaining();
  const all = left.length === sections;
  const words = all ? "Analyze all" : left.length > 0 ? `Analyze ${left.length} more` : "Analyze again";
  return (
    <>
      {busy > 0 && (
        <button type="button" onClick={() => void cancelAll()}>
          Stop all
        </button>
      )}
      {(left.length > 0 || busy === 0) && sections > 0 && (
        <button type="button" class={done < sections ? "primary" : ""} onClick={() => void analyzeAll()}>
          {words}
        </button>
      )}
      <Export />
    </>
  );
}

const EXPORTS = [
  ["docx", "all", "Word, with comments"],
  ["docx", "accepted", "Word, accepted findings only"],
  ["md", "all", "Markdown"],
  ["csv", "all", "Table (CSV)"],
  ["json", "all", "JSON"],
] as const;

function Export() {
  const pick = (event: MouseEvent, format: string, status: string): void => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    void download(format, status);
  };
  return (
    <details class="menu">
      <summary>Export</summary>
      <ul>
        {EXPORTS.map(([format, status, words]) => (
          <li key={words}>
            <button type="button" class="quiet" onClick={(event) => pick(event, format, status)}>
              {words}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
