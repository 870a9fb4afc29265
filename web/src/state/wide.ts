import { signal } from "@preact/signals";

const query = matchMedia("(min-width: 1000px)");

/** Whether there is room for findings beside the text; otherwise they stand under their paragraph. */
export const wide = signal(query.matches);
query.addEventListener("change", () => (wide.value = query.matches));
