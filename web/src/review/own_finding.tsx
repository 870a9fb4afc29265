import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Finding } from "../contract.gen.ts";
import { Dialog } from "../dialog.tsx";
import { makeFinding } from "../state/judging.ts";
import { shown, titleOf } from "../state/review.ts";
import { select, selectedSection } from "../state/selection.ts";
import { selectedWords, type SelectedWords } from "../text/selected.ts";
import { reading } from "./nearness.ts";

const SEVERITIES: readonly Finding["severity"][] = ["critical", "major", "minor", "info"];
const CATEGORIES: readonly Finding["category"][] = [
  "clarity",
  "grammar",
  "structure",
  "consistency",
  "evidence",
  "accuracy",
  "tone",
  "risk",
];
const MOST_CHARS = 2_000;

/** What the finding that is being written is about; null while none is. */
const begun = signal<Pick<SelectedWords, "sectionId" | "quote" | "start"> | null>(null);

function words(): SelectedWords | null {
  return selectedWords((sectionId) => shown.peek()?.sections.find((each) => each.section_id === sectionId)?.text);
}

/** Begins a finding about the selected words, else about the section that is read. */
export function beginOwn(): void {
  const sectionId = selectedSection.peek() ?? reading.peek() ?? undefined;
  begun.value = words() ?? (sectionId === undefined ? null : { sectionId, quote: "", start: 0 });
}

/** The button beside selected words, and the form that it opens. */
export function OwnFindings() {
  return begun.value === null ? <Offer /> : <Form about={begun.value} key={begun.value.start} />;
}

function Offer() {
  const [place, setPlace] = useState<DOMRect | null>(null);
  useEffect(() => {
    const look = (): void => setPlace(words()?.place ?? null);
    const later = (): void => void setTimeout(look);
    document.addEventListener("pointerup", later);
    document.addEventListener("keyup", look);
    document.addEventListener("scroll", look, { passive: true });
    return () => {
      document.removeEventListener("pointerup", later);
      document.removeEventListener("keyup", look);
      document.removeEventListener("scroll", look);
    };
  }, []);
  if (place === null) return null;
  return (
    <button
      type="button"
      class="offer"
      style={{ top: `${place.bottom + 6}px`, left: `${Math.min(place.left, innerWidth - 150)}px` }}
      // Pressing it must not take the selection away that it is about.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => beginOwn()}
    >
      Add a finding
    </button>
  );
}

function Form({ about }: { readonly about: Pick<SelectedWords, "sectionId" | "quote" | "start"> }) {
  const [busy, setBusy] = useState(false);
  const close = (): void => void (begun.value = null);
  const hasQuote = about.quote !== "";
  const keep = async (form: FormData): Promise<void> => {
    const given = (name: string): string => String(form.get(name) ?? "").trim();
    setBusy(true);
    const made = await makeFinding({
      section_id: about.sectionId,
      quote: hasQuote ? about.quote : null,
      start: hasQuote ? about.start : null,
      message: given("message"),
      severity: given("severity") as Finding["severity"],
      category: given("category") as Finding["category"],
      replacement: given("replacement") || null,
    });
    setBusy(false);
    if (made === null) return;
    getSelection()?.removeAllRanges();
    close();
    select(made, false);
  };
  const section = shown.value?.sections.find((each) => each.section_id === about.sectionId);
  return (
    <Dialog name="A finding of your own" close={close}>
      <form
        class="own"
        onSubmit={(event) => {
          event.preventDefault();
          void keep(new FormData(event.currentTarget));
        }}
      >
        <h2>A finding of your own</h2>
        <p class="quote">{hasQuote ? `“${about.quote}”` : `About the section “${titleOf(section)}”`}</p>
        <label>
          <span>What should change, and why</span>
          <textarea name="message" rows={3} required maxLength={MOST_CHARS} autofocus />
        </label>
        {hasQuote && (
          <label>
            <span>Replace with (may stay empty)</span>
            <textarea name="replacement" rows={2} />
          </label>
        )}
        <div class="own-choices">
          <Choice name="severity" values={SEVERITIES} chosen="minor" />
          <Choice name="category" values={CATEGORIES} chosen="clarity" />
        </div>
        <p class="row-actions">
          <button type="submit" class="primary" disabled={busy}>
            Add
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function Choice({
  name,
  values,
  chosen,
}: {
  readonly name: string;
  readonly values: readonly string[];
  readonly chosen: string;
}) {
  return (
    <label>
      <span>{name === "severity" ? "Severity" : "Category"}</span>
      <select name={name}>
        {values.map((value) => (
          <option key={value} selected={value === chosen}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}
