import { expect, test } from "@jest/globals";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Build } from "../src/api/types";
import { BuildsPage } from "../src/features/builds/BuildsPage";
import { aBuild } from "./a_build";
import { ADA } from "./an_image";
import { pretend, show } from "./pretended";

const user = userEvent.setup({ delay: null });
const MAY_CANCEL = { ...ADA, permissions: [...ADA.permissions, "builds:cancel"] };

/** Pretend a service with these builds, two on a page. */
function serving(builds: readonly Build[]) {
  return pretend((method, path) => {
    if (method === "POST") {
      return { status: 200, body: { ...builds[0], state: "cancelled" } };
    }
    const [place, query] = path.split("?");
    if (place !== "api/v1/builds") {
      return undefined;
    }
    const asked = new URLSearchParams(query);
    const matching = builds.filter(
      ({ owner, state, repo }) => repo.includes(asked.get("q") ?? "") && (!asked.get("owner") || owner === asked.get("owner")) && (!asked.get("state") || state === asked.get("state")),
    );
    const begin = Number(asked.get("cursor") ?? 0);
    const items = matching.slice(begin, begin + 2);
    return { status: 200, body: { items, next: begin + 2 < matching.length ? String(begin + 2) : null, total: matching.length } };
  });
}

const named = (name: string, changes: Partial<Build> = {}) => aBuild({ id: `id-${name}`, repo: `https://github.com/o/${name}`, ...changes });
const names = () => screen.getAllByRole("row").map((row) => within(row).getAllByRole("link")[0]!.textContent);

test("one's own builds are listed, each leading to its page", async () => {
  serving([named("a", { state: "succeeded" }), named("b", { owner: "user:carl" })]);
  const { container } = show(<BuildsPage me={ADA} />, "/builds");

  expect(await screen.findByRole("link", { name: "o/a" })).toHaveAttribute("href", "/builds/id-a");
  expect(names()).toEqual(["o/a"]);
  expect(screen.getByText("1 build")).toBeVisible();
  expect(await violations(container)).toEqual([]);
});

test("those of everybody, and those in a state, are asked for in the address", async () => {
  serving([named("a", { state: "succeeded" }), named("b", { owner: "user:carl", state: "failed" })]);
  const { history } = show(<BuildsPage me={ADA} />, "/builds");
  await screen.findByRole("link", { name: "o/a" });

  await user.selectOptions(screen.getByRole("combobox", { name: "Whose" }), "All builds");
  await waitFor(() => expect(names()).toEqual(["o/a", "o/b"]));
  await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Failed");

  await waitFor(() => expect(names()).toEqual(["o/b"]));
  expect(history.at(-1)).toBe("/builds?whose=all&state=failed");
});

test("builds are found by words, which are in the address, and what is not found can be left", async () => {
  serving(["a", "b"].map((name) => named(name, { state: "failed" })));
  const { history } = show(<BuildsPage me={ADA} />, "/builds");
  await screen.findByRole("link", { name: "o/a" });

  await user.keyboard("/o/b");
  await waitFor(() => expect(names()).toEqual(["o/b"]));
  expect(history.at(-1)).toBe("/builds?q=o%2Fb");
  await user.type(screen.getByRole("searchbox"), "x");
  expect(await screen.findByText("No build matches 'o/bx'.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show all builds" }));

  await waitFor(() => expect(names()).toEqual(["o/a", "o/b"]));
  expect(screen.getByRole("searchbox")).toHaveValue("");
});

test("an address shows what it says", async () => {
  serving([named("a", { state: "succeeded" }), named("b", { owner: "group:course" })]);
  show(<BuildsPage me={{ ...ADA, owners: ["user:ada", "group:course"] }} />, "/builds?whose=group:course");

  await waitFor(() => expect(names()).toEqual(["o/b"]));
  expect(screen.getByRole("combobox", { name: "Whose" })).toHaveDisplayValue("Builds of the group course");
});

test("older ones come when they are asked for", async () => {
  serving(["a", "b", "c"].map((name) => named(name, { state: "failed" })));
  show(<BuildsPage me={ADA} />, "/builds");
  await screen.findByRole("link", { name: "o/a" });

  await user.click(screen.getByRole("button", { name: "Show older ones" }));

  await waitFor(() => expect(names()).toEqual(["o/a", "o/b", "o/c"]));
  expect(screen.queryByRole("button", { name: "Show older ones" })).toBeNull();
});

test("who builds nothing sees those of everybody, and is offered nothing that would be refused", async () => {
  serving([named("b", { owner: "user:carl" })]);
  show(<BuildsPage me={{ ...ADA, owners: [], permissions: [] }} />, "/builds");

  expect(await screen.findByRole("link", { name: "o/b" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "New build" })).toBeNull();
  expect(screen.queryByRole("button", { name: /Cancel/ })).toBeNull();
});

test("a build that is under way is cancelled by who says so twice", async () => {
  const asked = serving([named("a", { state: "queued", queue_position: 2 }), named("b", { owner: "user:carl" })]);
  show(<BuildsPage me={MAY_CANCEL} />, "/builds?whose=all");
  expect(await screen.findByText("number 2 in the queue")).toBeVisible();
  expect(screen.getAllByRole("button", { name: /Cancel the build of/ })).toHaveLength(1);

  await user.click(screen.getByRole("button", { name: "Cancel the build of o/a" }));
  await user.click(await screen.findByRole("button", { name: "Cancel build" }));

  await waitFor(() => expect(asked.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["api/v1/builds/id-a/cancel"]));
});

test("why one failed is told in short", async () => {
  const cause = { kind: "package-not-found" as const, line: 7, text: "No numpi", advice: "Check its spelling." };
  serving([named("a", { state: "failed", message: "A step failed.", cause })]);
  show(<BuildsPage me={ADA} />, "/builds");

  expect(await screen.findByText("Check its spelling.")).toBeVisible();
  expect(screen.queryByText("A step failed.")).toBeNull();
});

test("nothing yet, and nothing of this kind, say what to do", async () => {
  serving([]);
  show(<BuildsPage me={ADA} />, "/builds?state=failed");
  expect(await screen.findByText("No build is of this kind.")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Show all builds" }));

  expect(await screen.findByText("No builds yet")).toBeVisible();
});

test("who has built nothing yet is told so, and that there are those of others", async () => {
  serving([]);
  show(<BuildsPage me={ADA} />, "/builds");

  expect(await screen.findByText("You have no builds yet")).toBeVisible();
  expect(screen.getByRole("button", { name: "Show all builds" })).toBeVisible();
});

test("a service that fails says so, and is asked again", async () => {
  let fails = true;
  pretend(() => (fails ? { status: 503, body: { detail: "The engine does not answer." } } : { status: 200, body: { items: [named("a")], next: null, total: 1 } }));
  show(<BuildsPage me={ADA} />, "/builds");
  expect(await screen.findByText("The engine does not answer.")).toBeVisible();
  fails = false;

  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("link", { name: "o/a" })).toBeVisible();
});
