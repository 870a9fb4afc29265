import { findingCount } from "../state/margins.ts";
import { analyzeAll, cancelAll, counts, remaining, shown } from "../state/review.ts";
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
  return (
    <span class="figures" role="status">
      {figures.join(" · ")}
    </span>
  );
}

export function ReviewActions() {
  const { busy, done, sections } = counts.value;
  const { left } = remaining();
  const all = left.length === sections;
  const words = all ? "Analyze all" : left.length > 0 ? `Analyze ${left.length} more` : "Analyze all again";
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

const FORMATS = [
  ["docx", "Word, with comments"],
  ["md", "Markdown"],
  ["csv", "Table (CSV)"],
  ["json", "JSON"],
] as const;

function Export() {
  const address = `documents/${encodeURIComponent(shown.value?.document_id ?? "")}/export`;
  return (
    <details class="menu">
      <summary>Export</summary>
      <ul>
        {FORMATS.map(([format, words]) => (
          <li key={format}>
            <a href={`${address}?format=${format}&status=all`} download>
              {words}
            </a>
          </li>
        ))}
        <li>
          <a href={`${address}?format=docx&status=accepted`} download>
            Word, accepted findings only
          </a>
        </li>
      </ul>
    </details>
  );
}
