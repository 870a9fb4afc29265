import { signal } from "@preact/signals";
import { Problem } from "../api/http.ts";

const AGAIN_AFTER_MS = 3_000;

/** Why what the screen is about cannot be had now. One screen, one sentence, not a notice for each part. */
export const loadProblem = signal<Problem | null>(null);

/** Loads what a screen shows, again and again until the server can answer. Returns how to stop that. */
export function keepLoading(load: () => Promise<unknown>): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await load();
      if (!stopped) loadProblem.value = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (stopped) return;
      loadProblem.value = error;
      if (error.passing) timer = setTimeout(() => void attempt(), error.retryAfterMs ?? AGAIN_AFTER_MS);
    }
  };
  void attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
    loadProblem.value = null;
  };
}
