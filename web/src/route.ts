import { signal } from "@preact/signals";

export type Route =
  | { readonly at: "library" }
  | { readonly at: "queue" }
  | { readonly at: "settings" }
  | { readonly at: "document"; readonly documentId: string };

function read(hash: string): Route {
  const [, first, second] = hash.split("/");
  if (first === "queue" || first === "settings") return { at: first };
  if (first === "documents" && second) return { at: "document", documentId: decodeURIComponent(second) };
  return { at: "library" };
}

/** Where we are. In the fragment, so that the server need not know the page's places. */
export const route = signal<Route>(read(location.hash));

window.addEventListener("hashchange", () => {
  route.value = read(location.hash);
});

export const libraryHref = "#/";
export const queueHref = "#/queue";
export const settingsHref = "#/settings";

export function documentHref(documentId: string): string {
  return `#/documents/${encodeURIComponent(documentId)}`;
}

export function go(href: string): void {
  location.hash = href;
}
