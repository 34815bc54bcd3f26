import { expect, jest, test } from "@jest/globals";
import { get } from "../src/api/client";
import { sentenceOf } from "../src/components/sentenceOf";

document.head.append(Object.assign(document.createElement("base"), { href: "/" }));

/** What is said to somebody when a service answers so. */
async function said(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  globalThis.fetch = (async () => ({
    ok: status < 400, status, headers: new Headers(headers), text: async () => body, json: async () => JSON.parse(body),
  })) as unknown as typeof fetch;
  const error = await get("api/v1/builds").then(() => undefined, (reason: Error) => reason);
  return sentenceOf(error!);
}

const problem = (members: Record<string, unknown>) => JSON.stringify({ type: "about:blank", title: "Title", ...members });

test.each<[string, number, string, Record<string, string>, RegExp]>([
  ["of the service itself", 409, problem({ detail: "It runs." }), {}, /^It runs\.$/],
  ["that only the log explains", 500, problem({ request_id: "7f3a" }), {}, /our side \(code 7f3a\)\. Try again;.*send this code/],
  ["of a proxy before it", 502, "<html>", {}, /could not answer \(code 502\)\. Try again/],
  ["with a time", 429, problem({ detail: "Too much." }), { "Retry-After": "40" }, /^Too much\. Try again in 40 seconds\.$/],
  ["with a longer time", 503, problem({ detail: "Away." }), { "Retry-After": "121" }, /^Away\. Try again in 3 minutes\.$/],
  ["that tells the time itself", 429, problem({ detail: "Try again soon." }), { "Retry-After": "9" }, /^Try again soon\.$/],
  ["that is broken", 200, '{"items": [', {}, /makes no sense\. Try again/],
])("a refusal %s is told with what to do", async (_, status, body, headers, sentence) => {
  expect(await said(status, body, headers)).toMatch(sentence);
});

test("an answer that does not come is not waited for without end", async () => {
  jest.useFakeTimers();
  globalThis.fetch = ((_: URL, { signal }: RequestInit) =>
    new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)))) as unknown as typeof fetch;

  const answer = get("api/v1/builds").catch((reason: Error) => reason);
  await jest.advanceTimersByTimeAsync(30_000);

  jest.useRealTimers();
  expect(sentenceOf((await answer) as Error)).toMatch(/too long to answer. Try again/);
});
