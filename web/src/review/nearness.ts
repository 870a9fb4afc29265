import { signal } from "@preact/signals";

/**
 * Sections within a screen of the part that is read. Only these have their marks and cards drawn,
 * so that a document of 300 pages with thousands of findings stays as quick as one page.
 */
export const near = signal<ReadonlySet<string>>(new Set());

/** The section that is read: the last one that has begun above the middle of the window. */
export const reading = signal<string | null>(null);

/** The first section of which something can still be seen. */
export const topmost = signal<string | null>(null);

/** Keeps `reading` and `topmost` true for the sections in a column. Returns how to stop it. */
export function watchReading(column: HTMLElement): () => void {
  let planned = false;
  const look = (): void => {
    planned = false;
    let found: string | null = null;
    let first: string | null = null;
    for (const section of column.querySelectorAll<HTMLElement>("[data-section]")) {
      const sectionId = section.dataset["section"] as string;
      // Far ones need not be measured: they come before all near ones, or after them.
      if (!near.peek().has(sectionId)) continue;
      const { top, bottom } = section.getBoundingClientRect();
      if (bottom > 0) first ??= sectionId;
      if (found !== null && top > innerHeight / 2) break;
      found = sectionId;
    }
    reading.value = found;
    topmost.value = first;
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(look);
  };
  const stop = near.subscribe(plan);
  document.addEventListener("scroll", plan, { passive: true });
  return () => {
    stop();
    document.removeEventListener("scroll", plan);
    reading.value = topmost.value = null;
  };
}

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
