import { signal } from "@preact/signals";
import type { DocumentCreated, DocumentList, DocumentListed, TaskList, TaskListed } from "../api/answers.ts";
import { get, Problem, send } from "../api/http.ts";
import { submit } from "../api/submit.ts";
import { ENDED, MAX_DOCUMENT_BYTES } from "../contract.gen.ts";
import { wished } from "./looking_for.ts";
import { tell } from "./notices.ts";
import { live } from "./server.ts";
import { forgetTasks } from "./tasks.ts";

/** Recent documents; null until the server has answered. */
export const documents = signal<readonly DocumentListed[] | null>(null);
export const cursor = signal<string | null>(null);
/** The latest tasks of mine, whatever they belong to, newest first. */
export const myTasks = signal<readonly TaskListed[]>([]);
/** Whether these are all, so that a section without one was never asked for. */
export const allTasksListed = signal(false);
/** What happens to a file that was given; null when none is on its way. */
export const uploading = signal<string | null>(null);
/** Why the last file was refused. */
export const refused = signal<string | null>(null);

/** As many as the reviews of a long document make, and then some. */
const MOST_TASK_PAGES = 4;

let followed: readonly string[] = [];

/** Loads the list of documents from its beginning. */
export async function loadDocuments(): Promise<void> {
  const list = await get<DocumentList>("documents");
  documents.value = list.documents;
  cursor.value = list.cursor;
}

/** Loads the documents before those that are listed. */
export async function loadEarlierDocuments(): Promise<void> {
  try {
    const list = await get<DocumentList>(`documents?${new URLSearchParams({ cursor: cursor.value ?? "" })}`);
    documents.value = [...(documents.value ?? []), ...list.documents];
    cursor.value = list.cursor;
  } catch (error) {
    tell(error, "Earlier documents could not be listed.");
  }
}

/** Failed tasks of mine that nobody sent again, however long ago; the server's dead letters. */
export const deadLetters = signal<readonly TaskListed[]>([]);

export async function loadDeadLetters(): Promise<void> {
  deadLetters.value = (await get<TaskList>("tasks?state=FAILURE")).tasks;
}

/** Loads my latest tasks and follows those that are under way. */
export async function loadTasks(): Promise<void> {
  const tasks: TaskListed[] = [];
  let next: string | null = null;
  for (let page = 0; page < MOST_TASK_PAGES && (page === 0 || next !== null); page++) {
    const list: TaskList = await get<TaskList>(
      next === null ? "tasks" : `tasks?${new URLSearchParams({ cursor: next })}`,
    );
    tasks.push(...list.tasks);
    next = list.cursor;
  }
  myTasks.value = tasks;
  allTasksListed.value = next === null;
  const before = new Set(followed);
  followed = tasks.filter((each) => !ENDED.includes(each.state)).map((each) => each.task_id);
  live.unwatch([...before].filter((taskId) => !followed.includes(taskId)));
  live.watch(followed, null);
}

/** Follows them no longer: another screen begins. */
export function leaveTasks(): void {
  live.unwatch(followed);
  followed = [];
  forgetTasks();
}

/** Gives a file to the server. Returns the new document's id; null when it was refused. */
export async function upload(file: File): Promise<string | null> {
  refused.value = null;
  if (file.size > MAX_DOCUMENT_BYTES) {
    refused.value = `“${file.name}” has ${(file.size / 1e6).toFixed(1)} MB; at most 20 MB are taken. Split it, or leave out its pictures.`;
    return null;
  }
  uploading.value = `Reading “${file.name}”…`;
  try {
    const form = new FormData();
    form.set("document", file, file.name);
    for (const [name, value] of Object.entries(wished())) form.set(name, value);
    const created = await submit<DocumentCreated>("documents", { form }, (words) => {
      uploading.value = `“${file.name}”: ${words}`;
    });
    return created.document_id;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refused.value = `“${file.name}” was not taken. ${error.message}`;
    return null;
  } finally {
    uploading.value = null;
  }
}

/** Deletes a document and everything of it. */
export async function remove(document: DocumentListed): Promise<void> {
  try {
    await send("DELETE", `documents/${encodeURIComponent(document.document_id)}`);
    documents.value = (documents.value ?? []).filter((each) => each.document_id !== document.document_id);
  } catch (error) {
    tell(error, `“${document.name}” was not deleted.`);
  }
}
