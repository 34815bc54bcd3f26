import { beforeEach, expect, test } from "@jest/globals";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Image, Me } from "../src/api/types";
import { ImagePage } from "../src/features/image/ImagePage";
import { ADA, anImage, pageOf } from "./an_image";
import { type Asked, pretend, show } from "./pretended";

const VERA: Me = { ...ADA, name: "vera", owner: "user:vera", owners: [], permissions: ["images:read"] };
const user = userEvent.setup({ delay: null });
let image: Image | undefined;
let others: Image[];
let startsServers: boolean;
let asked: Asked[];

beforeEach(() => {
  others = [];
  startsServers = true;
  asked = pretend((method, path) => {
    if (path === "api/v1/info") {
      return { status: 200, body: { version: "1", capabilities: { servers: startsServers } } };
    }
    if (path === "api/v1/servers") {
      return { status: 200, body: { items: [{ name: "a-1", title: "Climate", state: "ready", image_id: "id-a", open_url: "/user/ada/a-1/" }] } };
    }
    if (method === "DELETE") {
      return { status: 204, body: undefined };
    }
    if (path.startsWith("api/v1/images?")) {
      return { status: 200, body: pageOf([image!, ...others]) };
    }
    if (path.startsWith("api/v1/images/")) {
      return image && { status: 200, body: image };
    }
    return method === "POST" ? { status: 202, body: { id: "new" } } : undefined;
  });
});

function shown(changes: Partial<Image> = {}, me = ADA) {
  image = anImage("a", changes);
  return show(<ImagePage me={me} parameters={{ id: "id-a" }} />, "/images/id-a");
}

test("it says all that is known", async () => {
  shown({ title: "Climate", description: "Begin here.", ref: "main", subdir: "week 1", owner: "group:course", outdated: "The appendix has changed." });

  expect(await screen.findByRole("heading", { level: 1, name: "Climate" })).toBeVisible();
  const text = screen.getByRole("main");
  for (const words of ["Begin here.", "main", "week 1", "1.5 GB", "the group course", "ada", "sha256:a", "The appendix has changed."]) {
    expect(text).toHaveTextContent(words);
  }
  expect(screen.getByRole("link", { name: "Log and progress" })).toHaveAttribute("href", "/builds/build-a");
  expect(document.title).toBe("o/a@0123456 · repo2docker");
  expect(await screen.findByRole("link", { name: "Open a-1" })).toHaveAttribute("href", "/user/ada/a-1/");
  expect(await screen.findByRole("region", { name: "Your servers from it" })).toHaveTextContent("Running");
  expect(screen.queryByRole("region", { name: "Other versions" })).toBeNull();
});

test("what else is built of the repository is a click away, the newest ones by name", async () => {
  others = [
    anImage("b", { ref: "main", commit: "b".repeat(40), digest: "sha256:a", outdated: "The appendix has changed." }),
    ...Array.from({ length: 5 }, (_, place) => anImage(`n${place}`)),
    anImage("folder", { subdir: "x" }),
  ];
  shown();

  const versions = await screen.findByRole("region", { name: "Other versions" });
  expect(within(versions).getByRole("link", { name: "main bbbbbbb" })).toHaveAttribute("href", "/images/id-b");
  expect(within(versions).getAllByRole("listitem")[0]).toHaveTextContent("the same image under another nameOutdated");
  expect(within(versions).getAllByRole("listitem")).toHaveLength(5);
  expect(within(versions).getByRole("link", { name: "Show all 7" })).toHaveAttribute("href", "/?q=github.com%2Fo%2Fa");
  expect(asked.map(({ path }) => path)).toContain("api/v1/images?sort=newest&limit=200&repo=https://github.com/o/a");
});

test("what somebody put in the place of an environment says so, and only administrators can launch it", async () => {
  const { unmount } = shown({ changed_outside: true });
  expect(await screen.findByText("This environment was replaced from outside")).toBeVisible();
  expect(screen.getByText("Replaced")).toBeVisible();
  expect(await screen.findByRole("button", { name: "Share" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Launch" })).toBeNull();
  unmount();

  shown({ changed_outside: true }, { ...ADA, admin: true });
  expect(await screen.findByText("This environment was replaced from outside")).toBeVisible();
  expect(await screen.findByRole("link", { name: "Launch" })).toBeVisible();
});

test("who may not rebuild what is outdated is told that it works, and whom to ask", async () => {
  shown({ outdated: "The appendix has changed." }, VERA);

  expect(await screen.findByText(/The appendix has changed. It goes on working./)).toBeVisible();
});

test("what is not there is said to be gone, and the list is offered", async () => {
  image = undefined;
  show(<ImagePage me={ADA} parameters={{ id: "gone" }} />);

  expect(await screen.findByRole("heading", { level: 1, name: "There is no such environment" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Go to the environments" })).toHaveAttribute("href", "/");
});

test("building it again leads to the build", async () => {
  const { history } = shown({ ref: "main", outdated: "The appendix has changed." });
  expect(await screen.findByText("The appendix has changed. Rebuild makes one as it would be today.")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Rebuild" }));

  await waitFor(() => expect(history.at(-1)).toBe("/builds/new"));
  expect(asked.find(({ method }) => method === "POST")?.body).toMatchObject({ ref: "main", force: true });
});

test("what is private is built again with credentials that are given anew", async () => {
  const { unmount } = shown({ private: true, ref: "main" });
  expect(await screen.findByRole("link", { name: "Rebuild" })).toHaveAttribute("href", "/new?repo=https%3A%2F%2Fgithub.com%2Fo%2Fa&ref=main");
  unmount();

  shown({ private: true, owner: "group:course" }, { ...ADA, owners: ["user:ada", "group:course"] });

  expect(await screen.findByRole("link", { name: "Rebuild" })).toHaveAttribute("href", "/new?repo=https%3A%2F%2Fgithub.com%2Fo%2Fa&owner=group%3Acourse");
});

test("what was built with arguments says why it cannot be built again", async () => {
  shown({ build_args: ["BASE"] });

  expect(await screen.findByText(/built with values that are not kept/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Rebuild" })).toBeNull();
});

test("who may change nothing is offered to launch and to share only", async () => {
  shown({}, VERA);

  expect(await screen.findByRole("link", { name: "Launch" })).toHaveAttribute("href", "/launch?image=id-a");
  expect(screen.getAllByRole("button").map((each) => each.textContent)).toEqual(["Share", "Copy", "Copy"]);
});

test("where no servers are started there is nothing to share", async () => {
  startsServers = false;
  shown();
  await screen.findByRole("button", { name: "Delete" });

  expect(screen.queryByRole("button", { name: "Share" })).toBeNull();
});

test("what has no notebook server says so, and what to do", async () => {
  shown({ launchable: false });

  expect(await screen.findByText("No notebook server in it. Add jupyterhub to what the repository installs, and build it again.")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Launch" })).toBeNull();
});

test("deleting it leads back to the list", async () => {
  const { history } = shown();
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Delete this environment (1.5 GB)?" });

  await user.click(within(dialog).getByRole("button", { name: "Delete" }));

  await waitFor(() => expect(history.at(-1)).toBe("/"));
});

test("an image that stays in its engine is said to be pulled by nobody", async () => {
  shown({ launch_reference: "sha256:a" });

  expect(await screen.findByText(/kept in the engine that built it/)).toBeVisible();
  expect(screen.queryByRole("textbox", { name: "Pull by name" })).toBeNull();
});

test("sharing gives the link and the badge, for the newest or for this commit", async () => {
  shown();
  await user.click(await screen.findByRole("button", { name: "Share" }));
  const link = await screen.findByRole("textbox", { name: "Link" });
  expect(link).toHaveValue("http://localhost/launch?repo=https://github.com/o/a");
  expect(screen.getByRole("radio", { name: "The newest that is built of the default branch" })).toBeChecked();

  await user.click(screen.getByRole("radio", { name: "Always this commit, 0123456" }));
  await user.type(screen.getByRole("textbox", { name: "Open" }), "a.ipynb");

  expect(link).toHaveValue(`http://localhost/launch?repo=https://github.com/o/a&ref=${image!.commit}&path=a.ipynb`);
  expect((screen.getByRole("textbox", { name: "Markdown" }) as HTMLInputElement).value).toContain(`](${(link as HTMLInputElement).value})`);
});

test("where the browser does not let us copy, the text is selected with a hint", async () => {
  shown();
  document.execCommand = () => false;
  const clipboard = Object.getOwnPropertyDescriptor(navigator, "clipboard");
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });

  await user.click(await screen.findByRole("button", { name: "Copy Pull by digest" }));

  const field = screen.getByRole("textbox", { name: "Pull by digest" }) as HTMLInputElement;
  expect(await screen.findByText(/the text is selected/)).toBeVisible();
  expect(field).toHaveFocus();
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, field.value.length]);
  if (clipboard) {
    Object.defineProperty(navigator, "clipboard", clipboard);
  }
});

test("machines find nothing against it", async () => {
  const { container } = shown({ title: "Climate", protected: true, private: true });
  await screen.findByRole("heading", { level: 1, name: "Climate" });

  expect(await violations(container)).toEqual([]);
});
