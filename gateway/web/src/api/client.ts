// The one place that talks to the server: base address, write header, problem+json → ApiError.
import type { FieldError, ProblemBody } from "./types";

/** What a person can be told about a call that did not work. `status` 0 means: no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly errors: FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Partial<ProblemBody> & { retryAfterSeconds?: number }) {
    const title = problem.title ?? "Something went wrong";
    super(problem.detail ?? title);
    this.name = "ApiError";
    this.status = problem.status ?? 0;
    this.code = problem.code ?? "unknown";
    this.title = title;
    this.detail = problem.detail ?? undefined;
    this.requestId = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = problem.retryAfterSeconds;
  }

  /** The message for one field of a form. */
  field(name: string): string | undefined {
    return this.errors.find((entry) => entry.field === name)?.message;
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;
export type CallOptions = { query?: Query; signal?: AbortSignal; body?: unknown };
type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

let signedOutListener: () => void = () => undefined;

/** Called whenever the server says that the session is over. */
export function onSignedOut(listener: () => void): void {
  signedOutListener = listener;
}

/** Turns `/api/v1/…` (or a path below it) into an address under the base that the page was served from. */
export function resolveUrl(path: string, query?: Query): string {
  const relative = path.startsWith("/api/") ? path.slice(1) : `api/v1${path}`;
  const url = new URL(relative, document.baseURI);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "")
      url.searchParams.set(name, String(value));
  }
  return url.href;
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("retry-after"));
  const retryAfterSeconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined;
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const fallback = { status: response.status, request_id: requestId, retryAfterSeconds };
  try {
    const body = (await response.json()) as Partial<ProblemBody>;
    if (typeof body.title === "string") return new ApiError({ ...fallback, ...body });
  } catch {
    // Not our problem body: a proxy in between, or a page of HTML.
  }
  return new ApiError({ ...fallback, title: `The server answered ${response.status}` });
}

async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
  const headers = new Headers({ accept: "application/json" });
  if (method !== "GET") headers.set("x-medianest", "1");
  if (options.body !== undefined) headers.set("content-type", "application/json");
  try {
    return await globalThis.fetch(resolveUrl(path, options.query), {
      method,
      headers,
      credentials: "same-origin",
      signal: options.signal,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError({
      title: "MediaNest cannot be reached",
      code: "unreachable",
      detail: "No answer came from the server. Check that it runs and that this device is online.",
    });
  }
}

async function call<T>(
  method: Method,
  path: string,
  options: CallOptions,
): Promise<{ status: number; body: T }> {
  const response = await send(method, path, options);
  if (!response.ok) {
    const error = await problemOf(response);
    if (error.status === 401 && error.code === "unauthenticated") signedOutListener();
    throw error;
  }
  const text = response.status === 204 ? "" : await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
}

const bodyOf = async <T>(answer: Promise<{ body: T }>): Promise<T> => (await answer).body;

export const api = {
  get: <T>(path: string, options: CallOptions = {}) => bodyOf(call<T>("GET", path, options)),
  post: <T>(path: string, body?: unknown, options: CallOptions = {}) =>
    bodyOf(call<T>("POST", path, { ...options, body })),
  patch: <T>(path: string, body: unknown) => bodyOf(call<T>("PATCH", path, { body })),
  delete: <T = void>(path: string, options: CallOptions = {}) =>
    bodyOf(call<T>("DELETE", path, options)),
  /** For the few calls whose status tells two successes apart (200 and 202). */
  postWithStatus: <T>(path: string, body?: unknown, options: CallOptions = {}) =>
    call<T>("POST", path, { ...options, body }),
};
