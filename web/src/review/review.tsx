import { useEffect } from "preact/hooks";
import { Bar } from "../bar.tsx";
import { Drawer } from "../drawer/drawer.tsx";
import { libraryHref } from "../route.ts";
import { LoadProblem } from "../load_problem.tsx";
import { closeChat, openChat } from "../state/chat.ts";
import { keepLoading } from "../state/loading.ts";
import { close, DELETED, missing, open, shown } from "../state/review.ts";
import { select } from "../state/selection.ts";
import { Figures, ReviewActions } from "./actions.tsx";
import { Filter } from "./filter.tsx";
import { Help } from "./help.tsx";
import { Margin } from "./margin.tsx";
import { NewAbove } from "./new_above.tsx";
import { OwnFindings } from "./own_finding.tsx";
import { Outline } from "./outline.tsx";
import { Sections } from "./sections.tsx";
import { listenToKeys } from "./keys.ts";
import { wide } from "../state/wide.ts";

/** One document: outline, text with marks, findings beside it, chat below. */
export function Review({ documentId }: { readonly documentId: string }) {
  useEffect(() => {
    // Questions only of a document that is there: one refusal is enough.
    const stopLoading = keepLoading(async () => {
      if (await open(documentId)) void openChat(documentId);
    });
    const stopKeys = listenToKeys();
    return () => {
      stopLoading();
      stopKeys();
      select(null, false);
      closeChat();
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
        {document && <Filter />}
        {document && <ReviewActions />}
      </Bar>
      {!document && (
        <main class="page">
          <LoadProblem what="This document cannot be shown now." />
        </main>
      )}
      {document && (
        <main class="review">
          <Outline />
          <NewAbove />
          <Sections document={document} />
          {wide.value && <Margin />}
        </main>
      )}
      {document && <Drawer />}
      {document && <OwnFindings />}
      <Help />
    </>
  );
}

function Missing() {
  const deleted = missing.value?.code === DELETED;
  return (
    <>
      <Bar>
        <span class="spring" />
      </Bar>
      <main class="page">
        <h1>{deleted ? "This document was deleted" : "This document cannot be shown"}</h1>
        <p>{missing.value?.message}</p>
        <p>
          <a href={libraryHref}>Back to the library</a>
        </p>
      </main>
    </>
  );
}
