import { signal } from "@preact/signals";
import type { DocumentWhole } from "../api/answers.ts";
import { get, Problem } from "../api/http.ts";
import { myTasks } from "./library.ts";

/** Documents are fetched whole for this, so not for more of them than a person looks through. */
const MOST_DOCUMENTS = 8;

/** Document and section -> the section's title, for lists in which the document is not at hand. */
const titles = signal<ReadonlyMap<string, string>>(new Map());

/** A section's title; null while it is not known. */
export function titleOf(documentId: string | null, sectionId: string | null): string | null {
  return titles.value.get(`${documentId}/${sectionId}`) ?? null;
}

/** Learns the titles of the sections that my latest tasks are about. */
export async function loadTitles(): Promise<void> {
  const unknown = myTasks.value.filter(
    (each) => each.section_id && titleOf(each.document_id, each.section_id) === null,
  );
  const documentIds = [...new Set(unknown.map((each) => each.document_id))].slice(0, MOST_DOCUMENTS);
  for (const documentId of documentIds) if (documentId !== null) await loadTitlesOf(documentId);
}

async function loadTitlesOf(documentId: string): Promise<void> {
  try {
    const whole = await get<DocumentWhole>(`documents/${encodeURIComponent(documentId)}`);
    const found = whole.sections.map((each) => [`${documentId}/${each.section_id}`, each.title] as const);
    titles.value = new Map([...titles.value, ...found]);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // The lists say enough without titles; of a deleted document there are none.
  }
}
