import { noticeServerTime } from "../state/clock.ts";

/** What the server said went wrong (RFC 9457), or, with status 0, that it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(status: number, code: string, detail: string, retryAfterMs: number | null = null) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether it is the limit on what a day's calls may cost; the built-in rules cost nothing. */
  get overCost(): boolean {
    return this.code === "cost_limit";
  }

  /** Whether the very same request may succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 502 || this.status === 504;
  }
}

export interface Request {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One request to the server. Rejects with a `Problem`; the address is relative to the page's. */
export async function send<T>(method: string, path: string, request: Request = {}): Promise<T> {
  const headers = new Headers(request.headers);
  let body: BodyInit | undefined = request.form;
  if (request.json !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(request.json);
  }
  const response = await reach(path, { method, headers, body, signal: request.signal ?? null });
  noticeServerTime(Date.parse(response.headers.get("Date") ?? ""));
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>("GET", path, signal ? { signal } : {});
}

/** A file to be saved. */
export async function fetchFile(path: string): Promise<Blob> {
  const response = await reach(path, {});
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}

/** As `get`, but null for what is not there. */
export async function find(path: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await get(path, signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "unreachable", "The server cannot be reached. Check the connection, then try again.");
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("Retry-After"));
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1_000 : null;
  try {
    const { code, detail, title } = (await response.json()) as Record<string, string | undefined>;
    return new Problem(response.status, code ?? "unknown", detail ?? title ?? unnamed(response.status), retryAfterMs);
  } catch {
    return new Problem(response.status, "unknown", unnamed(response.status), retryAfterMs);
  }
}

function unnamed(status: number): string {
  return `The server answered with status ${status} and no reason. Try again in a moment.`;
}
