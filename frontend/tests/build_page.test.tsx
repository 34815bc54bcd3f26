import { beforeEach, expect, jest, test } from "@jest/globals";
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Build, Me } from "../src/api/types";
import { BuildPage } from "../src/features/build/BuildPage";
import { phasesOf, shareOf } from "../src/features/build/phases";
import { noLessFar } from "../src/operations/builds";
import { mayCancel } from "../src/operations/rights";
import { violations } from "./accessibility";
import { aBuild } from "./a_build";
import { show } from "./pretended";
import { readable } from "./readable";

const ADA: Me = {
  name: "ada", kind: "user", owner: "user:ada", owners: ["user:ada"], groups: [], permissions: ["builds:cancel"], admin: false, login: "", home: "",
  limits: { builds: 0, images: 0 },
};
const FAILED: Partial<Build> = {
  state: "failed", reason: "build-failed", message: "A step failed.", progress: { step: 2, steps: 4 },
  started_at: "2026-01-31T12:00:00Z", finished_at: "2026-01-31T12:01:15Z",
  cause: { kind: "package-not-found", line: 7, text: "No matching distribution found for numpi", advice: "Check its spelling." },
};


const user = userEvent.setup({ delay: null });
let asked: { method: string; path: string; body: Record<string, unknown> }[] = [];
let answers: Record<string, unknown> = {};
/** What builds wrote; of others nothing is known. */
let logs: Record<string, readonly string[]> = {};

beforeEach(() => {
  asked = [];
  logs = {};
  window.history.replaceState(null, "", "/");
  answers = { "GET api/v1/info": { version: "1.0", capabilities: { servers: true } } };
  // No log: what is tried here is the page around it.
  globalThis.fetch = (async (address: URL, { method = "GET", body }: RequestInit = {}) => {
    const path = address.pathname.slice(1) + address.search;
    asked.push({ method, path, body: body ? JSON.parse(String(body)) : {} });
    const log = logs[/builds\/(.*)\/log$/.exec(path)?.[1] ?? ""];
    if (log) {
      return { ok: true, status: 200, body: readable(log.join("\n")) };
    }
    const answer = answers[`${method} ${path}`];
    const isThere = answer !== undefined;
    const text = JSON.stringify(answer ?? { status: 404, title: "Not found" });
    return { ok: isThere, status: isThere ? 200 : 404, headers: new Headers(), text: async () => text, json: async () => JSON.parse(text), body: null };
  }) as unknown as typeof fetch;
  document.querySelector("link[rel=icon]")?.remove();
  document.head.append(Object.assign(document.createElement("link"), { rel: "icon" }));
  document.querySelector("link[rel=icon]")!.setAttribute("href", "favicon.svg");
});

function shown(build: Build | null, me = ADA, query = "") {
  if (build) {
    answers[`GET api/v1/builds/${build.id}`] = build;
  }
  return show(<BuildPage me={me} parameters={{ id: build?.id ?? "gone" }} />, `/builds/x${query}`);
}

const states = (build: Build) => phasesOf(build).map(({ state }) => state).join(" ");

test.each<[string, Partial<Build>, string]>([
  ["queued", { state: "queued" }, "current waiting waiting waiting waiting"],
  ["fetching", { state: "building" }, "done current waiting waiting waiting"],
  ["building", { state: "building", progress: { step: 1, steps: 9 } }, "done done current waiting waiting"],
  ["pushing", { state: "pushing" }, "done done done current waiting"],
  ["done", { state: "succeeded" }, "done done done done done"],
  ["failed in a step", FAILED, "done done failed waiting waiting"],
  ["not pushed", { state: "failed", reason: "push-failed" }, "done done done failed waiting"],
  ["not fetched", { state: "failed", reason: "source-unreachable" }, "done failed waiting waiting waiting"],
  ["cancelled in the queue", { state: "cancelled" }, "stopped waiting waiting waiting waiting"],
])("the phases of a build that is %s", (_, changes, wanted) => {
  expect(states(aBuild(changes))).toBe(wanted);
});

test("not all is done before the end", () => {
  expect(shareOf(aBuild())).toBeNull();
  expect(shareOf(aBuild({ progress: { step: 9, steps: 9 } }))).toBeLessThan(1);
  expect(shareOf(aBuild({ state: "succeeded" }))).toBe(1);
});

test("the bar does not go back when there is more to do than was known", async () => {
  const build = aBuild({ progress: { step: 3, steps: 4 } });
  const { queries } = shown(build);
  const bar = await screen.findByRole("progressbar");
  const before = Number(bar.getAttribute("aria-valuenow"));

  queries.setQueryData(["builds", build.id], { ...build, state: "pushing", progress: { step: 4, steps: 12 } });

  await waitFor(() => expect(bar).toHaveAttribute("aria-valuetext", "Step 4 of 12"));
  expect(Number(bar.getAttribute("aria-valuenow"))).toBe(before);
});

test("who waits learns how many are ahead", async () => {
  shown(aBuild({ state: "queued", queue_position: 3 }));

  expect(await screen.findByText("Waiting for a free builder. 2 builds are ahead of yours.")).toBeVisible();
});

test("what usually takes some time says how much is left, and does not sound like an error when it takes longer", async () => {
  const began = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  const { unmount } = shown(aBuild({ started_at: began(60), estimated_seconds: 240 }));
  expect(await screen.findByText(/1 min \d+ s so far, about 3 min left/)).toBeVisible();
  unmount();

  shown(aBuild({ started_at: began(300), estimated_seconds: 240 }));

  expect(await screen.findByText(/Still working. Builds of this repository usually take about 4 min./)).toBeVisible();
});

test("the tab says how a build stands", async () => {
  const { unmount } = shown(aBuild(FAILED));
  await screen.findByRole("heading", { level: 1, name: "o/r@main" });

  expect(document.title).toBe("✕ o/r@main · repo2docker");
  expect(document.querySelector("link[rel=icon]")).not.toHaveAttribute("href", "favicon.svg");
  unmount();
  expect(document.querySelector("link[rel=icon]")).toHaveAttribute("href", "favicon.svg");
});

test("a failure names the cause, links to its line, and is tried again by its branch where that has not moved", async () => {
  const build = aBuild(FAILED);
  answers["POST api/v1/source"] = { commit: build.commit };
  answers["POST api/v1/builds"] = aBuild({ id: "new" });
  const { history } = shown(build);
  const summary = await screen.findByRole("region", { name: "Why it failed" });

  expect(summary).toHaveTextContent("Check its spelling.Line 7: No matching distribution found for numpi");
  expect(within(summary).getByRole("link", { name: "Line 7" })).toHaveAttribute("href", "/#L7");
  expect(within(summary).getByRole("link", { name: "Change and build" })).toHaveAttribute("href", "/new?repo=https%3A%2F%2Fgithub.com%2Fo%2Fr&ref=main");
  await user.click(within(summary).getByRole("button", { name: "Try again" }));

  await waitFor(() => expect(history.at(-1)).toBe("/builds/new"));
  expect(asked.filter(({ path, method }) => method === "POST" && path === "api/v1/builds").map(({ body }) => body)).toEqual([
    { repo: build.repo, ref: "main", subdir: "", title: "", description: "", owner: "user:ada", force: true },
  ]);
});

test("where the branch has moved on, the newest is offered first, and the same commit too", async () => {
  const build = aBuild(FAILED);
  answers["POST api/v1/source"] = { commit: "f".repeat(40) };
  answers["POST api/v1/builds"] = build;
  shown(build);
  await user.click(await screen.findByRole("button", { name: "Build newest main" }));
  expect(await screen.findByText(/There is nothing newer/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Try 6e7d6ca again" }));

  const wishes = asked.filter(({ path }) => path === "api/v1/builds").map(({ body: { ref, force } }) => [ref, force]);
  expect(wishes).toEqual([["main", undefined], [build.commit, true]]);
});

test.each([
  ["what opens it", { private: true }, /What opens a private repository is not kept/],
  ["what it was built with", { build_args: ["BASE", "LEVEL"] }, /give BASE, LEVEL anew/],
])("where %s is not kept, only the form leads on", async (_, changes, said) => {
  shown(aBuild({ ...FAILED, ...changes }));
  const summary = await screen.findByRole("region", { name: "Why it failed" });

  expect(within(summary).getByText(said)).toBeVisible();
  expect(within(summary).getByRole("link", { name: "Change and build" })).toHaveAttribute("href", expect.stringMatching(/^\/new\?repo=/));
  expect(within(summary).queryByRole("button", { name: /again|newest/ })).toBeNull();
  expect(asked.map(({ path }) => path)).not.toContain("api/v1/source");
});

test("who may not build is offered nothing that would be refused", async () => {
  shown(aBuild(FAILED), { ...ADA, owners: [] });
  await screen.findByRole("region", { name: "Why it failed" });

  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  expect(asked.map(({ path }) => path)).not.toContain("api/v1/source");
});

test.each([
  ["the file that it installs from", `RUN pip install -r "binder/requirements.txt"`, "binder/requirements.txt", "blob/6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70/a/binder/requirements.txt"],
  ["a file of its own copied in", "COPY --chown=1000:1000 src/apt.txt ${REPO_DIR}/", "apt.txt", "a/apt.txt"],
  ["no file that could be told", "RUN make", "", "tree/6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70/a"],
])("a step that failed with %s leads there, as it was at its commit", async (_, command, file, end) => {
  const build = aBuild({ ...FAILED, subdir: "a", cause: null });
  logs[build.id] = [`#9 [1/2] ${command}`, ...Array.from({ length: 30 }, (_each, place) => `#9 ${place}.5 said ${place}`), "#9 ERROR: process failed: exit code: 1", "------", "after"];
  shown(build);
  const summary = await screen.findByRole("region", { name: "Why it failed" });

  await waitFor(() => expect(within(summary).getByRole("link", { name: file ? `a/${file}` : "the files at 6e7d6ca" })).toHaveAttribute("href", expect.stringMatching(`^https://github.com/o/r/.*${end}$`)));
  await user.click(within(summary).getByText("The last lines of the log"));
  expect(summary.querySelector("code")!.textContent!.split("\n")).toHaveLength(20);
  expect(summary).toHaveTextContent("#9 29.5 said 29");
  expect(summary).not.toHaveTextContent("said 9 ");
});

test("what the registry did not take is not looked for in the repository", async () => {
  shown(aBuild({ ...FAILED, reason: "push-failed", cause: null }));

  expect(await screen.findByRole("region", { name: "Why it failed" })).not.toHaveTextContent("What to look at");
});

test("what is built can be built again by who may replace it, and what to start goes on with it", async () => {
  const build = aBuild({ state: "succeeded" });
  answers["POST api/v1/source"] = { commit: "f".repeat(40) };
  answers["POST api/v1/builds"] = aBuild({ id: "new" });
  answers[`GET api/v1/images?${new URLSearchParams({ name: build.image })}`] = {
    items: [{ id: "image", launchable: true, owner: "user:ada", build_args: [], protected: true }],
  };
  const { history } = shown(build, ADA, "?path=a.ipynb&profile=large");
  expect(await screen.findByRole("link", { name: "Launch" })).toHaveAttribute("href", "/launch?image=image&path=a.ipynb&profile=large");
  expect(screen.getByText("a.ipynb")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Build 6e7d6ca again" })).toBeNull();

  await user.click(await screen.findByRole("button", { name: "Build newest main" }));

  await waitFor(() => expect(history.at(-1)).toBe("/builds/new?path=a.ipynb&profile=large"));
});

test("a browser that has notices and refuses to give any shows how the build ended all the same", async () => {
  const give = jest.fn(() => {
    throw new TypeError("Illegal constructor");
  });
  Object.assign(window, { Notification: Object.assign(give, { permission: "granted", requestPermission: async () => "granted" }) });
  const hidden = jest.spyOn(document, "hidden", "get").mockReturnValue(true);
  const build = aBuild();
  const { queries } = shown(build);
  await user.click(await screen.findByRole("button", { name: "Tell me when it ends" }));

  act(() => void queries.setQueryData(["builds", build.id], { ...build, state: "cancelled" }));

  expect(await screen.findByText("This build was cancelled.")).toBeVisible();
  expect(give).toHaveBeenCalledTimes(1);
  hidden.mockRestore();
  Reflect.deleteProperty(window, "Notification");
  window.localStorage.clear();
});

test("who joined a build that somebody else had begun is told so", async () => {
  window.history.replaceState({ joined: true }, "", "/");
  shown(aBuild());

  expect(await screen.findByText("Somebody had asked for the same before. This is that build.")).toBeVisible();
});

test("what was there already says that nothing was built, and can be launched", async () => {
  const build = aBuild({ state: "succeeded", reused: true });
  answers[`GET api/v1/images?${new URLSearchParams({ name: build.image })}`] = { items: [{ id: "image", launchable: true }] };
  shown(build);

  expect(await screen.findByRole("link", { name: "Launch" })).toHaveAttribute("href", "/launch?image=image");
  expect(screen.getByText(/nothing was built/)).toBeVisible();
  expect(asked.map(({ path }) => path)).not.toContain(`api/v1/builds/${build.id}/log`);
});

test("what has no notebook server says what to do beside that it is ready", async () => {
  const build = aBuild({ state: "succeeded" });
  answers[`GET api/v1/images?${new URLSearchParams({ name: build.image })}`] = { items: [{ id: "image", launchable: false, owner: "user:ada", build_args: [] }] };
  shown(build);

  expect(await screen.findByText(/Add jupyterhub to what the repository installs/)).toBeVisible();
  expect(screen.getByText("The environment is ready.")).toBeVisible();
});

test("what has been deleted since does not look like a success any more, and can be built again", async () => {
  const build = aBuild({ state: "succeeded" });
  const look = async (words: string) => (await screen.findByText(words)).closest("[class*=alert__root]")!.className;
  const images = `GET api/v1/images?${new URLSearchParams({ name: build.image })}`;
  answers[images] = { items: [{ id: "image", launchable: true, owner: "user:ada", build_args: [] }] };
  const { unmount } = shown(build);
  await screen.findByRole("link", { name: "Launch" });
  const success = await look("The environment is ready.");
  unmount();

  answers[images] = { items: [] };
  shown(build);

  expect(await look("The environment was built, and has been deleted since.")).not.toBe(success);
  expect(await screen.findByRole("button", { name: "Build again" })).toBeVisible();
});

test.each([true, false])("what somebody put in the place of an environment is not called ready; the build says so: %s", async (doesBuildSay) => {
  const build = aBuild({ state: "succeeded", owner: "user:ada", ...(doesBuildSay && { changed_outside: true }) });
  const image = { id: "image", launchable: true, changed_outside: doesBuildSay ? null : true };
  answers[`GET api/v1/images?${new URLSearchParams({ name: build.image })}`] = { items: [image] };
  shown(build);

  expect(await screen.findByText("This environment was replaced from outside")).toBeVisible();
  expect(screen.queryByText("The environment is ready.")).toBeNull();
});

test("what a build ran from is told by name and by digest", async () => {
  shown(aBuild({ repo2docker_image: "quay.io/jupyterhub/repo2docker:1", repo2docker_image_id: "sha256:1d1d" }));

  const fact = within(await screen.findByLabelText("About this build")).getByText("quay.io/jupyterhub/repo2docker:1");
  expect(fact).toHaveAttribute("title", "sha256:1d1d");
});

test("a build is cancelled after a question, and nothing is to be cancelled then", async () => {
  const build = aBuild();
  shown(build);
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  for (const call of [`POST api/v1/builds/${build.id}/cancel`, `GET api/v1/builds/${build.id}`]) {
    answers[call] = { ...build, state: "cancelled" };
  }
  const question = await screen.findByRole("alertdialog", { name: "Cancel this build?" });

  await user.click(within(question).getByRole("button", { name: "Cancel build" }));

  await waitFor(() => expect(asked.map(({ path }) => path)).toContain(`api/v1/builds/${build.id}/cancel`));
  expect(await screen.findByText("This build was cancelled.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
});

test("cancelling is offered to those whose build it is, and to administrators", () => {
  const ofAda = aBuild();
  const ofGroup = aBuild({ owner: "group:course", requested_by: "user:ada" });

  expect([mayCancel(ADA, ofAda), mayCancel(ADA, ofGroup)]).toEqual([true, true]);
  expect(mayCancel({ ...ADA, permissions: [] }, ofAda)).toBe(false);
  expect(mayCancel({ ...ADA, owner: "user:bob" }, ofAda)).toBe(false);
  expect(mayCancel({ ...ADA, owner: "user:bob" }, ofGroup)).toBe(false);
  expect(mayCancel({ ...ADA, owner: "user:bob", admin: true }, ofAda)).toBe(true);
});

test("a build that is not there leads on to those that are", async () => {
  shown(null);

  expect(await screen.findByRole("heading", { name: "There is no such build" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Go to the builds" })).toHaveAttribute("href", "/builds");
});

test("machines find nothing against it", async () => {
  const { container } = shown(aBuild(FAILED));
  await screen.findByRole("region", { name: "Why it failed" });

  expect(await violations(container)).toEqual([]);
});

test("a build that is asked for again is no less far than it was", () => {
  const before = aBuild({ progress: { step: 3, steps: 9 } });
  const ended = { ...before, state: "cancelled" as const, progress: { step: 0, steps: 0 } };
  const further = { ...before, progress: { step: 4, steps: 9 } };

  expect(noLessFar(before, ended)).toEqual({ ...before, state: "cancelled" });
  expect(noLessFar(before, further)).toBe(further);
  expect(noLessFar(undefined, ended)).toBe(ended);
});
