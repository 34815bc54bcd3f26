import { Problem } from "./problem";

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

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  headers.set("X-XSRFToken", xsrfToken());
  const response = await fetch(new URL(path, document.baseURI), { ...init, headers, credentials: "same-origin" });
  if (!response.ok) {
    throw await Problem.from(response);
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}

/** The readable cookie that goes with the session: only our own pages can repeat it in a header. */
function xsrfToken(): string {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("_xsrf="));
  return cookie ? decodeURIComponent(cookie.slice("_xsrf=".length)) : "";
}
