import { fetchFile } from "../api/http.ts";
import { tell } from "./notices.ts";
import { shown } from "./review.ts";

/** Long enough for every browser to have begun to save it. */
const KEPT_MS = 60_000;

/**
 * Saves the document with its findings. Fetched first, so that a refusal is a sentence on the page
 * and not a broken file.
 */
export async function download(format: string, status: string): Promise<void> {
  const document = shown.peek();
  if (document === null) return;
  const query = new URLSearchParams({ format, status });
  try {
    const file = await fetchFile(`documents/${encodeURIComponent(document.document_id)}/export?${query}`);
    save(file, `${document.name.replace(/\.[^.]+$/, "")}, reviewed.${format}`);
  } catch (error) {
    tell(error, "The export could not be made.");
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
