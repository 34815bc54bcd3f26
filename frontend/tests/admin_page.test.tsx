import { afterEach, expect, jest, test } from "@jest/globals";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Holding, Leftover, Rebuilds, Summary } from "../src/api/types";
import { AdminPage } from "../src/features/admin/AdminPage";
import { ADA, anImage } from "./an_image";
import { pretend, show } from "./pretended";

const user = userEvent.setup({ delay: null });
const ADMIN = { ...ADA, admin: true };
const SPREAD = { count: 40, median: 312.5, ninetieth: 840 };

const aSummary = (changes: Partial<Summary> = {}): Summary => ({
  as_of: "2026-01-31T12:00:00Z",
  parts: { builder: { ok: true, seconds: 0.004 }, registry: { ok: false, seconds: 5 } },
  warnings: [{ part: "builder", message: "The engine's live-restore is off." }],
  disk: { free: 53_687_091_200, reserve: 1_073_741_824 },
  builds: {
    queued: 3, building: 2, pushing: 1, longest_wait: 61, durations: SPREAD, waits: SPREAD,
    ended: { succeeded: 40, failed: 2, cancelled: 1 }, reasons: { "build-failed": 2 }, causes: { "package-not-found": 1 },
  },
  usage: [
    { owner: "user:carl", builds: 5, builds_limit: 5, images: 1, images_limit: 0, size: 812_345_678 },
    { owner: "group:course", builds: 0, builds_limit: 50, images: 2, images_limit: 10, size: 0 },
  ],
  images: { count: 2, size: 3_000_000_000, biggest: [anImage("big")], oldest: [anImage("old")], outdated: {}, partial: false },
  ...changes,
});

const someRebuilds = (changes: Partial<Rebuilds> = {}): Rebuilds => ({
  as_of: "2026-01-31T12:00:00Z", at_once: 2, begun: [], partial: false, under_way: 1, waiting: 5, skipped: 1,
  items: [
    { image: anImage("running"), state: "under-way", build_id: "b1" },
    { image: anImage("waits", { outdated: "The appendix has changed." }), state: "waiting" },
    { image: anImage("kept"), state: "skipped", why_skipped: "It is protected." },
  ],
  ...changes,
});
const LEFTOVER: Leftover = { kind: "copy", name: "localhost/r2d/old:1", repo: "https://github.com/o/old", since: "2026-01-01T12:00:00Z", size: 2_000_000_000,
  why: "It was made more than 30 days ago; the registry has it.",
};
const HOLDINGS: Holding[] = [
  { kind: "build", name: "b1", repo: "https://github.com/o/r", since: "2026-01-01T12:00:00Z", size: 0 },
  { kind: "image", name: "localhost/r2d/r:1", repo: "https://github.com/o/r", since: "2026-01-01T12:00:00Z", size: 7, stays: "It is in use." },
];

afterEach(() => {
  jest.useRealTimers();
});

function serving(answers: Readonly<Record<string, unknown>> = {}, begin?: () => unknown) {
  const usual: Record<string, unknown> = {
    "GET api/v1/admin/summary": aSummary(),
    "GET api/v1/admin/rebuilds?limit=50": someRebuilds({ items: [], under_way: 0, waiting: 0, skipped: 0 }),
  };
  return pretend((method, path) => {
    const asked = `${method} ${path}`;
    const body = begin && asked === "POST api/v1/admin/rebuilds" ? begin() : (answers[asked] ?? usual[asked]);
    return body === undefined ? undefined : { status: 200, body };
  });
}

const posted = (asked: ReturnType<typeof serving>) => asked.filter(({ method }) => method === "POST").map(({ path, body }) => [path, body]);
const region = (name: string) => screen.findByRole("region", { name });

test("who is no administrator is told so, and nothing is asked of the service", () => {
  const asked = serving();
  show(<AdminPage me={ADA} />, "/admin");

  expect(screen.getByRole("heading", { level: 1, name: "This page is for administrators" })).toBeVisible();
  expect(asked).toEqual([]);
});

test("it tells how the parts are, what should be changed, and how builds go", async () => {
  serving();
  const { container } = show(<AdminPage me={ADMIN} />, "/admin");
  const health = await region("Health");

  expect(within(health).getAllByRole("row").map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^builder.*Works/),
    expect.stringMatching(/^registry.*Does not answer/),
  ]);
  expect(health).toHaveTextContent("The engine's live-restore is off.");
  expect(health).toHaveTextContent("54 GB are free");
  expect(health).toHaveTextContent("Builds go on, and end when it is back.");
  expect(health).not.toHaveTextContent("Nothing can be built");
  expect(await region("Builds")).toHaveTextContent("Queued3Running3Waits longest1 min 1 s");
  expect(await region("Builds")).toHaveTextContent("Usual duration5 min 13 snine of ten within 14 min 0 s");
  expect(await region("Builds")).toHaveTextContent("package not found");
  expect(screen.getByRole("link", { name: "Show those that failed" })).toHaveAttribute("href", "/builds?whose=all&state=failed");
  expect(await violations(container)).toEqual([]);
});

test("what cannot be found out now is said to be unknown, and a short disk is told loudly", async () => {
  serving({ "GET api/v1/admin/summary": aSummary({ builds: null, images: null, usage: null, disk: { free: 5, reserve: 1000 } }) });
  show(<AdminPage me={ADMIN} />, "/admin");

  expect(await screen.findByText(/Only 5 B are free/)).toBeVisible();
  expect(screen.getAllByText("Not known now: what would tell it does not answer.")).toHaveLength(3);
});

test("whoever is at a limit is seen, and their builds are a click away", async () => {
  serving();
  show(<AdminPage me={ADMIN} />, "/admin");
  const [carl, course] = within(await region("People and groups")).getAllByRole("row");

  expect(carl).toHaveTextContent("5 of 5 at the limit");
  expect(course).not.toHaveTextContent("at the limit");
  expect(within(course!).getByRole("link", { name: "the group course" })).toHaveAttribute("href", "/builds?whose=group%3Acourse");
  expect(within(course!).getByRole("link", { name: "2 of 10 environments of the group course" })).toHaveAttribute("href", "/?q=course");
});

test("some of what is outdated is built again, and what is skipped says why", async () => {
  const asked = serving({
    "GET api/v1/admin/rebuilds?limit=50": someRebuilds(),
    "POST api/v1/admin/rebuilds": someRebuilds({ begun: ["b2"] }),
  });
  show(<AdminPage me={ADMIN} />, "/admin");
  const outdated = await region("Outdated environments");
  expect(await within(outdated).findByText(/1 under way, 5 waiting, 1 skipped/)).toBeVisible();
  expect(outdated).toHaveTextContent("It is protected.");
  expect(outdated).toHaveTextContent("and 4 more");
  expect(within(outdated).getByRole("link", { name: "Under way" })).toHaveAttribute("href", "/builds/b1");

  await user.click(within(outdated).getByRole("button", { name: "Rebuild some" }));
  expect(await within(outdated).findByText("1 build is on the way.")).toBeVisible();
  await user.click(within(outdated).getByRole("checkbox", { name: "Also those for which it has failed" }));
  await user.click(within(outdated).getByRole("button", { name: "Rebuild some" }));

  await waitFor(() => expect(posted(asked)).toEqual([
    ["api/v1/admin/rebuilds", {}],
    ["api/v1/admin/rebuilds", { failed_before: "2026-01-31T12:00:00Z" }],
  ]));
});

test("all that is outdated is built again, a few at a time, until none waits, and it is told how far that is", async () => {
  jest.useFakeTimers({ advanceTimers: true }); // looking for something goes on with the time
  const steps = [
    someRebuilds({ under_way: 2, waiting: 1, begun: ["b1", "b2"] }),
    someRebuilds({ under_way: 1, waiting: 0, begun: ["b3"] }),
  ];
  const answers: Record<string, unknown> = { "GET api/v1/admin/rebuilds?limit=50": someRebuilds({ under_way: 0, waiting: 3, skipped: 0 }) };
  const asked = serving(answers, () => {
    const next = steps.shift()!;
    // Until it is asked again, one of them has ended.
    answers["GET api/v1/admin/rebuilds?limit=50"] = { ...next, begun: [], under_way: 1, as_of: `2026-01-31T12:0${steps.length}:00Z` };
    return next;
  });
  show(<AdminPage me={ADMIN} />, "/admin");
  const outdated = await region("Outdated environments");

  await user.click(await within(outdated).findByRole("button", { name: "Rebuild all" }));

  expect(await within(outdated).findByText("1 of 3 are done")).toBeVisible();
  expect(within(outdated).getByRole("button", { name: "Begin no more" })).toBeVisible();
  expect(await within(outdated).findByText("2 of 3 are done")).toBeVisible();
  expect(await within(outdated).findByRole("button", { name: "Rebuild all" })).toBeDisabled();
  expect(posted(asked)).toHaveLength(2);
});

test("building all again ends when somebody says so, and where something fails", async () => {
  let answer: unknown = someRebuilds({ under_way: 0, waiting: 3 });
  const asked = serving({ "GET api/v1/admin/rebuilds?limit=50": someRebuilds({ under_way: 0, waiting: 3 }) }, () => answer);
  show(<AdminPage me={ADMIN} />, "/admin");
  const outdated = await region("Outdated environments");
  await user.click(await within(outdated).findByRole("button", { name: "Rebuild all" }));
  await user.click(await within(outdated).findByRole("button", { name: "Begin no more" }));
  expect(within(outdated).getByRole("button", { name: "Rebuild all" })).toBeEnabled();
  answer = undefined;

  await user.click(within(outdated).getByRole("button", { name: "Rebuild all" }));

  expect(await within(outdated).findByRole("alert")).toHaveTextContent("Not found");
  expect(within(outdated).getByRole("button", { name: "Rebuild all" })).toBeEnabled();
  expect(posted(asked)).toHaveLength(2);
});

test("nothing is cleaned up before somebody has seen it and has said so", async () => {
  const asked = serving({ "GET api/v1/admin/cleanup": { items: [LEFTOVER] }, "POST api/v1/admin/cleanup": { items: [LEFTOVER] } });
  show(<AdminPage me={ADMIN} />, "/admin");
  const part = await region("Clean-up");
  expect(asked.map(({ path }) => path)).not.toContain("api/v1/admin/cleanup");
  await user.click(within(part).getByRole("button", { name: "Show what would go" }));
  expect(await within(part).findByText("1 thing would go, 2.0 GB.")).toBeVisible();
  expect(part).toHaveTextContent("localhost/r2d/old:1");
  expect(part).toHaveTextContent("It was made more than 30 days ago; the registry has it.");
  await user.click(within(part).getByRole("button", { name: "Clean up…" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Remove 1 thing now?" });
  expect(posted(asked)).toEqual([]);

  await user.click(within(dialog).getByRole("button", { name: "Clean up now" }));

  expect(await within(part).findByText("1 thing is gone, 2.0 GB.")).toBeVisible();
  expect(posted(asked)).toEqual([["api/v1/admin/cleanup", {}]]);
});

test("all that somebody has goes only when the name is typed, and what is left says why", async () => {
  const path = "api/v1/admin/owners/user:carl/removal";
  const asked = serving({ [`GET ${path}`]: { items: HOLDINGS, partial: false }, [`POST ${path}`]: { items: HOLDINGS, partial: true } });
  show(<AdminPage me={ADMIN} />, "/admin");
  await user.click(await screen.findByRole("button", { name: "Remove all that carl has" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Remove all that carl has?" });
  expect(await within(dialog).findByText("1 thing goes.")).toBeVisible();
  expect(dialog).toHaveTextContent("It is in use.");
  const button = within(dialog).getByRole("button", { name: "Remove all" });
  expect(button).toBeDisabled();

  await user.type(within(dialog).getByRole("textbox", { name: "Type user:carl to confirm" }), "user:carl");
  await user.click(button);

  expect(await within(dialog).findByText("1 thing is gone.")).toBeVisible();
  expect(within(dialog).getByText(/There may be images/)).toBeVisible();
  expect(within(dialog).getByRole("button", { name: "Go on with what is left" })).toBeEnabled();
  expect(posted(asked)).toEqual([[path, {}]]);
});

test("somebody who is not listed can be looked for, with what is protected", async () => {
  const asked = serving({
    "GET api/v1/admin/owners/group:a/b/removal": { items: HOLDINGS, partial: false },
    "GET api/v1/admin/owners/group:a/b/removal?protected=delete": { items: HOLDINGS, partial: false },
  });
  show(<AdminPage me={ADMIN} />, "/admin");
  await user.type(await screen.findByRole("textbox", { name: /Somebody else/ }), "group:a/b");
  await user.click(screen.getByRole("button", { name: "Show what there is" }));
  await user.click(await screen.findByRole("checkbox", { name: "Also what the catalog protects" }));

  await waitFor(() => expect(asked.at(-1)!.path).toBe("api/v1/admin/owners/group:a/b/removal?protected=delete"));
});
