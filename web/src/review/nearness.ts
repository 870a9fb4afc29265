import { signal } from "@preact/signals";

/**
 * Sections within a screen of the part that is read. Only these have their marks and cards drawn,
 * so that a document of 300 pages with thousands of findings stays as quick as one page.
 */
export const near = signal<ReadonlySet<string>>(new Set());

/** Keeps `near` true for the sections in a column. Returns how to stop it. */
export function watchNearness(column: HTMLElement): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      const next = new Set(near.peek());
      for (const { target, isIntersecting } of entries) {
        const sectionId = (target as HTMLElement).dataset["section"] as string;
        if (isIntersecting) next.add(sectionId);
        else next.delete(sectionId);
      }
      near.value = next;
    },
    { rootMargin: "100% 0px" },
  );
  for (const section of column.querySelectorAll("[data-section]")) observer.observe(section);
  return () => {
    observer.disconnect();
    near.value = new Set();
  };
}
