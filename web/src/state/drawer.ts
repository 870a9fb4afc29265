import { signal } from "@preact/signals";

export type Tab = "chat" | "activity" | "cost";

/** The open tab of the drawer; null while it is shut. */
export const openTab = signal<Tab | null>(null);
