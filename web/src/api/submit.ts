import { Problem, send, type Request } from "./http.ts";

/** After this long a person rather hears that it did not work. */
const GIVE_UP_AFTER_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;

export type Waiting = (sentence: string) => void;

/**
 * Sends what creates work. A lost answer is not a lost request: the same key goes with every
 * repetition, so the server does it once however often it is sent.
 */
export async function submit<T>(path: string, request: Request, waiting: Waiting = () => undefined): Promise<T> {
  const headers = { ...request.headers, "Idempotency-Key": freshKey(), Prefer: "respond-async" };
  const startedAt = Date.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await send<T>("POST", path, { ...request, headers });
    } catch (error) {
      if (!(error instanceof Problem) || !error.passing || Date.now() - startedAt > GIVE_UP_AFTER_MS) throw error;
      waiting(error.status === 0 ? "not sent yet: the server cannot be reached" : "not sent yet: the server is busy");
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? pause));
    }
  }
}

/** Random, and made without `crypto.randomUUID`, which plain http in a local network does not have. */
function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
