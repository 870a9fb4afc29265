import { useEffect, useState } from "preact/hooks";
import sampleAddress from "../../sample/report.docx?url";
import { documentHref, go } from "../route.ts";
import { announce } from "../state/announcing.ts";
import { refused, upload, uploading } from "../state/library.ts";
import { LookingFor } from "./looking_for.tsx";

const ACCEPTED = ".docx,.pdf,.md,.markdown,.txt";

async function give(file: File | null | undefined): Promise<void> {
  if (!file) return;
  const documentId = await upload(file);
  if (documentId) go(documentHref(documentId));
}

async function giveSample(): Promise<void> {
  const answer = await fetch(sampleAddress);
  await give(new File([await answer.blob()], "Sample report.docx"));
}

/** Takes a document: dropped, chosen, pasted as text, or the sample that comes along. */
export function DropPlace() {
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const busy = uploading.value !== null;
  useEffect(() => announce(uploading.value ?? ""), [uploading.value]);
  return (
    <section
      class="drop"
      aria-label="Give a document"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void give(event.dataTransfer?.files[0]);
      }}
    >
      {pasting ? (
        <Paste onDone={() => setPasting(false)} />
      ) : (
        <>
          <p class="drop-words">Drop a document here: Word, PDF, Markdown or plain text, up to 20 MB.</p>
          <p class="drop-actions">
            <label class="button primary" data-disabled={busy || undefined}>
              Choose a file
              <input
                type="file"
                accept={ACCEPTED}
                disabled={busy}
                onChange={(event) => {
                  void give(event.currentTarget.files?.[0]);
                  event.currentTarget.value = "";
                }}
              />
            </label>
            <button type="button" disabled={busy} onClick={() => setPasting(true)}>
              Paste text
            </button>
            <button type="button" disabled={busy} onClick={() => void giveSample()}>
              Try the sample report
            </button>
          </p>
        </>
      )}
      <LookingFor />
      <p class="drop-status">{uploading.value}</p>
      <p role="alert" class="failed">
        {refused.value}
      </p>
    </section>
  );
}

function Paste({ onDone }: { readonly onDone: () => void }) {
  const [text, setText] = useState("");
  const busy = uploading.value !== null;
  return (
    <form
      class="paste"
      onSubmit={(event) => {
        event.preventDefault();
        void give(new File([text], "Pasted text.md", { type: "text/markdown" }));
      }}
    >
      <label>
        <span>Your text. Lines that begin with # become headings.</span>
        <textarea rows={12} value={text} onInput={(event) => setText(event.currentTarget.value)} autofocus />
      </label>
      <p class="drop-actions">
        <button type="submit" class="primary" disabled={busy || text.trim() === ""}>
          Take this text
        </button>
        <button type="button" onClick={onDone}>
          Back
        </button>
      </p>
    </form>
  );
}
