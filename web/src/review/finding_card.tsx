import type { Finding } from "../contract.gen.ts";
import { judge, ordered } from "../state/review.ts";
import { select, selected } from "../state/selection.ts";
import { engineName } from "../words/engines.ts";

const SEVERITY_SIGNS = { critical: "◆", major: "●", minor: "○", info: "·" } as const;
const STATUS_WORDS = {
  open: "",
  accepted: "accepted",
  rejected: "rejected",
  outdated: "the text has changed",
} as const;

/** One finding: a short row until it is selected, then with quote, suggestion, actions and reason. */
export function FindingCard({ finding }: { readonly finding: Finding }) {
  const isSelected = selected.value === finding.finding_id;
  return (
    <article
      class="card"
      data-finding={finding.finding_id}
      data-of={finding.section_id}
      data-severity={finding.severity}
      data-status={finding.status}
      data-selected={isSelected || undefined}
    >
      <button
        type="button"
        class="card-head"
        aria-expanded={isSelected}
        onClick={() => select(isSelected ? null : finding.finding_id, !isSelected)}
      >
        <span class="card-kind">
          <span class="severity-sign" aria-hidden="true">
            {SEVERITY_SIGNS[finding.severity]}
          </span>{" "}
          {finding.severity} · {finding.category}
          {finding.status !== "open" && <em> · {STATUS_WORDS[finding.status]}</em>}
          {isSelected && <Counter finding={finding} />}
        </span>
        <span class="card-message">{finding.message}</span>
      </button>
      {isSelected && <Suggested finding={finding} />}
      <Actions finding={finding} />
      {isSelected && <Why finding={finding} />}
    </article>
  );
}

function Counter({ finding }: { readonly finding: Finding }) {
  const at = ordered.value.findIndex((other) => other.finding_id === finding.finding_id);
  return (
    <span class="card-counter">{`${(at + 1).toLocaleString("en")} of ${ordered.value.length.toLocaleString("en")}`}</span>
  );
}

function Suggested({ finding }: { readonly finding: Finding }) {
  const { suggestion, anchor } = finding;
  const quote = anchor?.exact ?? "";
  switch (suggestion.kind) {
    case "replace":
      return (
        <p class="diff">
          {quote && <del>{quote}</del>} <ins>{suggestion.text}</ins>
        </p>
      );
    case "delete":
      return (
        <p class="diff">
          <del>{quote}</del>
        </p>
      );
    case "insert":
      return (
        <p class="diff">
          {quote} <ins>{suggestion.text}</ins>
        </p>
      );
    case "none":
      return quote ? <p class="quote">“{quote}”</p> : null;
  }
}

function Actions({ finding }: { readonly finding: Finding }) {
  if (finding.status === "outdated") return null;
  // Every card has these, and a list of buttons alone must tell them apart.
  const named = (action: string): string => `${action}: ${finding.message}`;
  if (finding.status !== "open") {
    return (
      <p class="card-actions">
        <button type="button" class="quiet" aria-label={named("Undo")} onClick={() => void judge(finding, "open")}>
          Undo
        </button>
      </p>
    );
  }
  return (
    <p class="card-actions">
      <button type="button" aria-label={named("Accept")} onClick={() => void judge(finding, "accepted")}>
        Accept
      </button>
      <button type="button" aria-label={named("Reject")} onClick={() => void judge(finding, "rejected")}>
        Reject
      </button>
    </p>
  );
}

function Why({ finding }: { readonly finding: Finding }) {
  const { rationale, rule, checkpoint, source } = finding;
  return (
    <details class="why">
      <summary>Why</summary>
      {rationale && <p>{rationale}</p>}
      <p class="small">
        {checkpoint && <>Checkpoint: {checkpoint.title}. </>}
        {rule && (
          <>
            Rule:{" "}
            {isWebAddress(rule.url) ? (
              <a href={rule.url} rel="noreferrer" target="_blank">
                {rule.id}
              </a>
            ) : (
              rule.id
            )}
            .{" "}
          </>
        )}
        {engineName(source.engine, source.model)}
      </p>
    </details>
  );
}

/** A rule's address comes with the finding: anything but a web address is shown as text only. */
function isWebAddress(url: string | null): url is string {
  return url !== null && /^https?:\/\//i.test(url);
}
