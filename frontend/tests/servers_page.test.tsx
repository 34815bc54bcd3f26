import { expect, test } from "@jest/globals";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Server } from "../src/api/types";
import { anotherName } from "../src/features/launch/anotherName";
import { ServersPage } from "../src/features/servers/ServersPage";
import { pretend, show } from "./pretended";

const user = userEvent.setup({ delay: null });

const aServer = (changes: Partial<Server> = {}): Server => ({
  name: "lessons-3f1c", title: "Lessons", state: "ready", image: "i", image_id: "id-lessons", url: "/user/ada/lessons-3f1c/",
  open_url: "/user/ada/lessons-3f1c/lab", path: "", profile: "", started_at: "2026-01-30T12:00:00Z", last_activity: "2026-01-31T12:00:00Z", ...changes,
});

function serving(servers: readonly Server[], startsServers = true, stopped: { status: number; body: unknown } = { status: 204, body: undefined }) {
  return pretend((method, path) => {
    if (path === "api/v1/info") {
      return { status: 200, body: { version: "1", capabilities: { servers: startsServers }, profiles: [{ slug: "large", title: "Large" }] } };
    }
    return method === "DELETE" ? stopped : { status: 200, body: { items: servers } };
  });
}

test("servers are opened where they are, and lead to their environments", async () => {
  serving([aServer(), aServer({ name: "", title: "", state: "stopped", image_id: null, last_activity: null })]);
  const { container } = show(<ServersPage />, "/servers");

  expect(await screen.findByRole("link", { name: "Open the server lessons-3f1c" })).toHaveAttribute("href", "/user/ada/lessons-3f1c/lab");
  expect(screen.getByRole("link", { name: "Its environment, that of the server lessons-3f1c" })).toHaveAttribute("href", "/images/id-lessons");
  expect(screen.getByText("Running")).toBeVisible();
  expect(screen.getByRole("button", { name: "Remove the server without a name" })).toBeVisible();
  expect(await violations(container)).toEqual([]);
});

test("the one that is said is stopped after a question, also the one without a name", async () => {
  const asked = serving([aServer(), aServer({ name: "", title: "" })]);
  const deleted = () => asked.filter(({ method }) => method === "DELETE").map(({ path }) => path);
  show(<ServersPage />, "/servers");

  await user.dblClick(await screen.findByRole("button", { name: "Stop the server lessons-3f1c" }));
  const question = await screen.findByRole("alertdialog", { name: "Stop Lessons?" });
  expect(question).toHaveTextContent("what is not saved there is lost");
  await user.click(within(question).getByRole("button", { name: "Keep it running" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(deleted()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Stop the server without a name" }));
  await user.click(await screen.findByRole("button", { name: "Stop server" }));

  await waitFor(() => expect(deleted()).toEqual(["api/v1/servers/-"]));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});

test("one that does not run is removed, and where that is refused the question stays and says why", async () => {
  const asked = serving([aServer({ state: "stopped" })], true, { status: 503, body: { detail: "The hub does not answer." } });
  show(<ServersPage />, "/servers");

  await user.click(await screen.findByRole("button", { name: "Remove the server lessons-3f1c" }));
  const question = await screen.findByRole("alertdialog", { name: "Remove Lessons?" });
  await user.click(within(question).getByRole("button", { name: "Remove" }));

  expect(await within(question).findByText("The hub does not answer.")).toBeVisible();
  expect(asked.filter(({ method }) => method === "DELETE")).toHaveLength(1);
});

test("each says since when it runs, how large it is and what it was started from", async () => {
  serving([aServer({ profile: "large" }), aServer({ name: "other", image: "registry.example.org/x:1", image_id: null, profile: "gone" })]);
  show(<ServersPage />, "/servers");

  const [head, known, other] = await screen.findAllByRole("row", { hidden: true });
  expect(within(head!).getByText("Actions")).toHaveStyle({ position: "absolute" });
  await waitFor(() => expect(known).toHaveTextContent("lessons-3f1c, size Large"));
  expect(within(known!).getAllByText(/ago|last/)[0]!.closest("time")).toHaveAttribute("datetime", "2026-01-30T12:00:00Z");
  expect(other).toHaveTextContent("size gone");
  expect(other).toHaveTextContent("started from registry.example.org/x:1");
});

test("without servers it says how to start one", async () => {
  serving([]);
  show(<ServersPage />, "/servers");

  expect(await screen.findByText("You have no server now")).toBeVisible();
  expect(screen.getByRole("link", { name: "Go to the environments" })).toHaveAttribute("href", "/");
});

test("where none are started nobody is asked for any", async () => {
  const asked = serving([], false);
  show(<ServersPage />, "/servers");

  expect(await screen.findByText(/This service starts no servers/)).toBeVisible();
  expect(asked.map(({ path }) => path)).not.toContain("api/v1/servers");
});

test("a server beside another has a name that nobody has, and that hubs take", () => {
  expect(anotherName("lessons-3f1c", [aServer()])).toBe("lessons-3f1c-2");
  expect(anotherName("", [aServer({ name: "server-2" })])).toBe("server-3");
  expect(anotherName("a".repeat(27) + "-3f", [])).toBe(`${"a".repeat(27)}-2`);
});
