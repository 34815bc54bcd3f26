import { expect, test } from "@jest/globals";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import { LaunchPage } from "../src/features/launch/LaunchPage";
import { ADA, anImage, pageOf } from "./an_image";
import { pretend, show } from "./pretended";

const user = userEvent.setup({ delay: null });
const INFO = {
  version: "1",
  capabilities: { servers: true, named_servers: true },
  profiles: [{ slug: "large", title: "Large", description: "", cpu: 4, memory: 16 * 1024 ** 3, node_selector: {} }],
};
const BUSY = { status: 409, body: { type: "urn:repo2docker-service:server-busy", detail: "This server runs from another image.", server: "r-3f1c" } };
const RUNNING = {
  name: "r-3f1c", title: "Lessons", state: "ready", image: "i", image_id: "id-old", url: "/user/ada/r-3f1c/", open_url: "/user/ada/r-3f1c/lab", path: "", profile: "",
};
const STARTS = { status: 202, body: { name: "r-3f1c", title: "", state: "starting", image: "", url: "", open_url: "", path: "", profile: "" } };

function serving(answerTo: (wish: { server_name?: string }) => { status: number; body: unknown }, image = anImage("r")) {
  const asked = pretend((method, path) => {
    if (path === "api/v1/info") {
      return { status: 200, body: INFO };
    }
    if (path === "api/v1/servers") {
      return method === "POST" ? answerTo(asked.at(-1)!.body as object) : { status: 200, body: { items: [RUNNING] } };
    }
    if (method === "POST" && path === "api/v1/source") {
      return { status: 200, body: { commit: image.commit, image } };
    }
    if (path === "api/v1/images/id-r") {
      return { status: 200, body: image };
    }
    return path.startsWith("api/v1/images?") ? { status: 200, body: pageOf([image]) } : undefined;
  });
  return asked;
}

const posted = (asked: ReturnType<typeof serving>) => asked.filter(({ method, path }) => method === "POST" && path === "api/v1/servers").map(({ body }) => body);

test("a link starts nothing by itself, and what it says is started by who presses Start", async () => {
  const asked = serving(() => STARTS);
  const { container } = show(<LaunchPage me={ADA} />, "/launch?repo=https://github.com/o/r&path=first.ipynb&profile=large");
  expect(await screen.findByText("This is the newest version.")).toBeVisible();
  expect(screen.getByRole("radio", { name: /Large/ })).toBeChecked();
  expect(posted(asked)).toEqual([]);
  expect(await violations(container)).toEqual([]);

  await user.click(screen.getByRole("button", { name: "Start" }));

  expect(await screen.findByRole("heading", { level: 1, name: "Starting your server" })).toHaveFocus();
  expect(posted(asked)).toEqual([{ image: "id-r", profile: "large", path: "first.ipynb" }]);
});

test("a server in the way is left be where one can have another beside it", async () => {
  const asked = serving(({ server_name }) => (server_name ? STARTS : BUSY));
  show(<LaunchPage me={ADA} />, "/launch?repo=https://github.com/o/r");
  fireEvent.change(await screen.findByRole("textbox", { name: "Open" }), { target: { value: "a.ipynb" } });
  await user.click(screen.getByRole("button", { name: "Start" }));
  expect(await screen.findByText("This server runs from another image.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Stop that server" })).toBeVisible();
  expect(await screen.findByText("Lessons, r-3f1c")).toBeVisible();
  expect(screen.getByRole("link", { name: "Open that server" })).toHaveAttribute("href", "/user/ada/r-3f1c/lab");
  expect(screen.getByRole("link", { name: "See its environment" })).toHaveAttribute("href", "/images/id-old");

  await user.click(await screen.findByRole("button", { name: "Start another one beside it" }));

  await waitFor(() => expect(posted(asked)).toEqual([{ image: "id-r", path: "a.ipynb" }, { image: "id-r", path: "a.ipynb", server_name: "r-3f1c-2" }]));
  expect(asked.filter(({ method }) => method === "DELETE")).toEqual([]);
});

test("what has no notebook server cannot be started", async () => {
  serving(() => STARTS, anImage("r", { launchable: false }));
  show(<LaunchPage me={ADA} />, "/launch?repo=https://github.com/o/r");

  expect(await screen.findByText(/so it cannot be started/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Start" })).toBeNull();
});

test("what is private or outdated says so before it is started, and starts all the same", async () => {
  serving(() => STARTS, anImage("r", { private: true, outdated: "The appendix has changed." }));
  show(<LaunchPage me={ADA} />, "/launch?image=id-r");

  expect(await screen.findByText("The appendix has changed. It can be started all the same.")).toBeVisible();
  expect(screen.getByText("Private")).toBeVisible();
  expect(screen.getByRole("button", { name: "Start" })).toBeEnabled();
});

test("what is not what was built is started by administrators only, who are told", async () => {
  serving(() => STARTS, anImage("r", { changed_outside: true }));
  const { unmount } = show(<LaunchPage me={ADA} />, "/launch?image=id-r");
  expect(await screen.findByText("This environment was replaced from outside")).toBeVisible();
  expect(await screen.findByText(/only administrators can start/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Start" })).toBeNull();
  unmount();

  show(<LaunchPage me={{ ...ADA, admin: true }} />, "/launch?image=id-r");
  expect(await screen.findByText("This environment was replaced from outside")).toBeVisible();
  expect(await screen.findByRole("button", { name: "Start" })).toBeEnabled();
});

test("an address that says nothing says so", async () => {
  serving(() => STARTS);
  show(<LaunchPage me={ADA} />, "/launch");

  expect(await screen.findByText(/does not say what to launch/)).toBeVisible();
});
