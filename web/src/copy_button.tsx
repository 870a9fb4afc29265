import { useState } from "preact/hooks";
import { say } from "./state/notices.ts";

const SHOWN_MS = 2_000;

/** Copies a text, and says that it did. */
export function CopyButton({
  text,
  label,
  children,
}: {
  readonly text: () => string;
  readonly label?: string;
  readonly children: string;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      say("This browser does not let the page copy. Select the text, and copy it by hand.");
    }
  };
  return (
    <button type="button" class="quiet" aria-label={label && !copied ? label : undefined} onClick={() => void copy()}>
      {copied ? "Copied" : children}
    </button>
  );
}
