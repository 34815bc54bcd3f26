import { Problem } from "./problem";

/** How long an answer is waited for, in milliseconds: to see something, and to have something done. */
const READING = 30_000;
const DOING = 120_000;

/** Ask for something below the service's prefix, which the document's base holds. */
export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return ask<Answer>(path, signal ? { signal } : {});
}

export async function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Take something away; there is nothing to read in the answer. */
export async function remove(path: string, headers: Record<string, string> = {}): Promise<void> {
  await ask(path, { method: "DELETE", headers });
}

/** Open a stream of events, going on after the event with this id; empty begins at the beginning. */
export async function openEvents(path: string, after: string, signal: AbortSignal): Promise<Response> {
  return send(path, "text/event-stream", { signal, headers: after ? { "Last-Event-ID": after } : {} });
}

/** Open a text, to be read as it comes. */
export async function openText(path: string, signal: AbortSignal): Promise<Response> {
  return send(path, "text/plain", { signal });
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  // Not AbortSignal.timeout: a browser may forget one that nothing but AbortSignal.any holds.
  const late = new AbortController();
  const giveUp = () => late.abort(new DOMException("There was no answer in time.", "TimeoutError"));
  const timer = setTimeout(giveUp, init.method ? DOING : READING);
  const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
  try {
    const response = await send(path, "application/json", { ...init, signal });
    return parsed(await response.text(), response) as Answer;
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text: string, response: Response): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    throw Problem.unreadable(response);
  }
}

async function send(path: string, accept: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept", accept);
  headers.set("X-XSRFToken", xsrfToken());
  const response = await fetch(new URL(path, document.baseURI), { ...init, headers, credentials: "same-origin" });
  if (!response.ok) {
    throw await Problem.from(response);
  }
  return response;
}

/** The readable cookie that goes with the session: only our own pages can repeat it in a header. */
function xsrfToken(): string {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("_xsrf="));
  return cookie ? decodeURIComponent(cookie.slice("_xsrf=".length)) : "";
}
