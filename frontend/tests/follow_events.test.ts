import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { followEvents } from "../src/api/followEvents";
import { Problem } from "../src/api/problem";
import { readable } from "./readable";

document.head.append(Object.assign(document.createElement("base"), { href: "/" }));

beforeEach(() => {
  jest.useFakeTimers();
  jest.setTimerTickMode({ mode: "nextAsync" }); // nobody waits for a pause
});
afterEach(() => {
  jest.useRealTimers();
});

/** Give what comes of a stream that is answered so, one answer after the other. */
async function followed(...answers: { status: number; body?: string }[]) {
  const asked: (string | null)[] = [];
  globalThis.fetch = (async (_: URL, { headers }: RequestInit) => {
    asked.push(new Headers(headers).get("Last-Event-ID"));
    const { status, body = "" } = answers.shift()!;
    return { ok: status < 400, status, headers: new Headers(), body: readable(body), json: async () => ({ title: "No" }) };
  }) as unknown as typeof fetch;
  const leaving = new AbortController();
  const came: unknown[] = [];
  for await (const events of followEvents("api/v1/events", 1000, leaving.signal)) {
    came.push(events && events.map(({ data }) => data));
    if (answers.length === 0 && events) {
      leaving.abort();
    }
  }
  return { asked, came };
}

test("a stream that ends is opened again where it was, also when there is too much to do just then", async () => {
  const { asked, came } = await followed({ status: 200, body: "id: 3\ndata: 1\n\n" }, { status: 503 }, { status: 429 }, { status: 200, body: "id: 4\ndata: 2\n\n" });

  expect(asked).toEqual([null, "3", "3", "3"]);
  expect(came.filter(Boolean)).toEqual([[1], [2]]);
});

test("what is refused for good is not asked for again", async () => {
  await expect(followed({ status: 410 })).rejects.toBeInstanceOf(Problem);
});
