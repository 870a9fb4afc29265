import { useEffect } from "preact/hooks";
import { Bar } from "../bar.tsx";
import { Drawer } from "../drawer/drawer.tsx";
import { libraryHref } from "../route.ts";
import { openChat } from "../state/chat.ts";
import { close, missing, open, shown } from "../state/review.ts";
import { select } from "../state/selection.ts";
import { Figures, ReviewActions } from "./actions.tsx";
import { Margin } from "./margin.tsx";
import { Outline } from "./outline.tsx";
import { Sections } from "./sections.tsx";
import { listenToKeys } from "./keys.ts";
import { wide } from "../state/wide.ts";

/** One document: outline, text with marks, findings beside it, chat below. */
export function Review({ documentId }: { readonly documentId: string }) {
  useEffect(() => {
    void open(documentId);
    void openChat(documentId);
    const stop = listenToKeys();
    return () => {
      stop();
      select(null, false);
      close();
    };
  }, [documentId]);
  if (missing.value) return <Missing />;
  const document = shown.value;
  return (
    <>
      <Bar>
        <span class="bar-title">{document?.name ?? "Opening…"}</span>
        {document && <Figures />}
        <span class="spring" />
        {document && <ReviewActions />}
      </Bar>
      {document && (
        <main class="review">
          <Outline />
          <Sections document={document} />
          {wide.value && <Margin />}
        </main>
      )}
      {document && <Drawer />}
    </>
  );
}

function Missing() {
  return (
    <>
      <Bar />
      <main class="page">
        <h1>This document cannot be shown</h1>
        <p>{missing.value?.message}</p>
        <p>
          <a href={libraryHref}>Back to the library</a>
        </p>
      </main>
    </>
  );
}
