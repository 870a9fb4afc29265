import { useState } from "preact/hooks";
import type { Finding } from "../contract.gen.ts";
import { askAbout } from "../state/chat.ts";
import { isOwn } from "../state/gathering.ts";
import { judge, removeFinding } from "../state/judging.ts";
import { ordered } from "../state/review.ts";
import { select, selected } from "../state/selection.ts";
import { figure } from "../words/durations.ts";
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
  const [editing, setEditing] = useState(false);
  const isEdited = isSelected && editing && finding.status === "open";
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
          {isOwn(finding) && " · yours"}
          {finding.status !== "open" && <em> · {STATUS_WORDS[finding.status]}</em>}
          {isSelected && <Counter finding={finding} />}
        </span>
        <span class="card-message">{finding.message}</span>
      </button>
      {isSelected && !isEdited && <Suggested finding={finding} />}
      {isEdited ? (
        <Edit finding={finding} done={() => setEditing(false)} />
      ) : (
        <Actions finding={finding} isSelected={isSelected} edit={() => setEditing(true)} />
      )}
      {isSelected && <Why finding={finding} />}
    </article>
  );
}

function Counter({ finding }: { readonly finding: Finding }) {
  const at = ordered.value.findIndex((other) => other.finding_id === finding.finding_id);
  return <span class="card-counter">{`${figure(at + 1)} of ${figure(ordered.value.length)}`}</span>;
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

interface Acting {
  readonly finding: Finding;
  readonly isSelected: boolean;
  readonly edit: () => void;
}

function Actions({ finding, isSelected, edit }: Acting) {
  // Every card has these, and a list of buttons alone must tell them apart.
  const named = (action: string): string => `${action}: ${finding.message}`;
  const button = (action: string, act: () => void, quiet = true) => (
    <button type="button" class={quiet ? "quiet" : ""} aria-label={named(action)} onClick={act}>
      {action}
    </button>
  );
  const isOpen = finding.status === "open";
  return (
    <p class="card-actions">
      {isOpen && button("Accept", () => void judge(finding, "accepted"), false)}
      {isOpen && button("Reject", () => void judge(finding, "rejected"), false)}
      {!isOpen && finding.status !== "outdated" && button("Undo", () => void judge(finding, "open"))}
      {isSelected && isOpen && finding.anchor && button("Edit", edit)}
      {isSelected && button("Ask", () => askAbout(finding))}
      {isSelected && isOwn(finding) && button("Delete", () => void removeFinding(finding))}
    </p>
  );
}

/** One's own words instead of the suggested ones; to take them is to accept the finding. */
function Edit({ finding, done }: { readonly finding: Finding; readonly done: () => void }) {
  const suggested = finding.suggestion.kind === "replace" ? finding.suggestion.text : (finding.anchor?.exact ?? "");
  const [text, setText] = useState(suggested);
  return (
    <form
      class="card-edit"
      onSubmit={(event) => {
        event.preventDefault();
        void judge(finding, "accepted", text);
        done();
      }}
    >
      <label>
        <span class="small">Instead of “{finding.anchor?.exact}”</span>
        <textarea rows={2} value={text} autofocus onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p class="row-actions">
        <button type="submit" class="primary">
          Accept this
        </button>
        <button type="button" onClick={done}>
          Back
        </button>
      </p>
    </form>
  );
}

function Why({ finding }: { readonly finding: Finding }) {
  const { rationale, rule, checkpoint, source } = finding;
  if (isOwn(finding)) return null;
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
