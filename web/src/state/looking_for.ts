import { signal } from "@preact/signals";
import type { FrameworkList, FrameworkListed } from "../api/answers.ts";
import { get } from "../api/http.ts";
import { tell } from "./notices.ts";

/** What a review can look for; empty until the server has answered. The first one is the default. */
export const frameworks = signal<readonly FrameworkListed[]>([]);
/** The id of the one that the next document gets; null is the default. */
export const framework = signal<string | null>(null);
/** What the person wants looked for beyond that, in their own words. */
export const guidelines = signal("");

/** Loads what can be chosen. */
export async function loadFrameworks(): Promise<void> {
  try {
    frameworks.value = (await get<FrameworkList>("frameworks")).frameworks;
  } catch (error) {
    tell(error, "What a review can look for could not be listed.");
  }
}

/** The fields of an upload that say what to look for. */
export function wished(): Readonly<Record<string, string>> {
  const wishes: Record<string, string> = {};
  if (framework.value !== null) wishes["framework"] = framework.value;
  if (guidelines.value.trim() !== "") wishes["guidelines"] = guidelines.value;
  return wishes;
}
