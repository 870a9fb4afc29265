import { useEffect } from "preact/hooks";
import { Bar } from "../bar.tsx";
import { LoadProblem } from "../load_problem.tsx";
import { cursor, documents, leaveTasks, loadDocuments, loadEarlierDocuments, loadTasks } from "../state/library.ts";
import { keepLoading } from "../state/loading.ts";
import { DropPlace } from "./drop_place.tsx";
import { Recent } from "./recent.tsx";

/** Where one starts: give a document, or go on with an earlier one. */
export function Library() {
  useEffect(() => {
    const stopLoading = keepLoading(() => Promise.all([loadDocuments(), loadTasks()]));
    return () => {
      stopLoading();
      leaveTasks();
    };
  }, []);
  const list = documents.value;
  return (
    <>
      <Bar>
        <span class="spring" />
      </Bar>
      <main class="page">
        <h1>Have a draft read</h1>
        <p class="lead">
          Every section is read on its own and its findings stand beside the words they are about. You decide what to
          change.
        </p>
        <DropPlace />
        <LoadProblem what="Your documents cannot be listed now." />
        {list !== null && list.length > 0 && (
          <section aria-labelledby="recent">
            <h2 id="recent">Recent reviews</h2>
            <ul class="recent">
              {list.map((document) => (
                <Recent document={document} key={document.document_id} />
              ))}
            </ul>
            {cursor.value && (
              <button type="button" onClick={() => void loadEarlierDocuments()}>
                Show earlier ones
              </button>
            )}
          </section>
        )}
      </main>
    </>
  );
}
