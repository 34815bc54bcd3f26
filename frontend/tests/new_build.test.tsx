import { expect, test } from "@jest/globals";
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Source } from "../src/api/types";
import { NewBuildPage } from "../src/features/new/NewBuildPage";
import { aBuild } from "./a_build";
import { ADA, anImage } from "./an_image";
import { type Asked, pretend, show } from "./pretended";

const user = userEvent.setup({ delay: null });
const SHA = "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70";

function aSource(changes: Partial<Source> = {}): Source {
  return {
    repo: "https://github.com/o/r", ref: "HEAD", resolved_ref: "refs/heads/main", commit: SHA, subdir: "", private: false,
    refs: [aRef("main"), aRef("feature/x"), aRef("v9", "tag"), aRef("v10", "tag")], image: null, estimated_seconds: null, ...changes,
  };
}

/** The list of choices follows the browser's frames. */
const settled = () => act(async () => void (await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
const aRef = (name: string, kind: "branch" | "tag" = "branch") => ({ name, kind, commit: SHA });
const problem = (status: number, kind: string, detail: string, more = {}) => ({
  status,
  body: { type: `urn:repo2docker-service:${kind}`, title: kind, status, detail, ...more },
});
const NO_REF = problem(422, "ref-not-found", "There is no branch.", { errors: [{ field: "ref", near: ["main"] }] });
const CLOSED = problem(502, "source-unreachable", "The repository cannot be read: it was not found.", { may_be_private: true });

const CAPABILITIES = { servers: true, credentials: true, subdir: true, build_args: true };
const PROFILES = ["small", "large"].map((slug) => ({ slug, title: `A ${slug} one`, description: "", cpu: 1, memory: 1, node_selector: {} }));

/** Pretend a service that knows of a repository what `source` says, from what it is asked. */
function serving(source: (wish: Record<string, string>) => { status: number; body: unknown }, build = { status: 202, body: aBuild() as unknown }, missing = {}) {
  const asked: Asked[] = pretend((method, path) => {
    if (path === "api/v1/info") {
      return { status: 200, body: { version: "1", capabilities: { ...CAPABILITIES, ...missing }, profiles: PROFILES } };
    }
    if (method === "POST" && path === "api/v1/source") {
      return source(asked.at(-1)!.body as Record<string, string>);
    }
    return path === "api/v1/builds" ? build : undefined;
  });
  return asked;
}

const found = (changes: Partial<Source> = {}) => ({ status: 200, body: aSource(changes) });
const posted = (asked: readonly Asked[], path: string) => asked.filter((each) => each.method === "POST" && each.path === `api/v1/${path}`).map(({ body }) => body);
const address = () => screen.getByRole("textbox", { name: /Repository address/ });
const paste = (text: string) => fireEvent.change(address(), { target: { value: text } });
const button = (name = "Build") => screen.getByRole("button", { name });

test("what is pasted is looked up, named, and completed from what the repository has", async () => {
  const asked = serving(() => found());
  const { container } = show(<NewBuildPage me={ADA} />);

  paste(" git@github.com:o/r.git ");

  expect(await screen.findByText("6e7d6ca")).toBeVisible();
  expect(posted(asked, "source")).toEqual([{ repo: "https://github.com/o/r", owner: "user:ada" }]);
  expect(screen.getByRole("combobox", { name: "Branch, tag or commit" })).toHaveAttribute("placeholder", "main (default branch)");
  expect(await violations(container)).toEqual([]);
});

test("branches and tags are offered with their commits, the default branch and the highest tag first, and fewer as one types", async () => {
  serving(() => found());
  const { container } = show(<NewBuildPage me={ADA} />, "/new?repo=o/r");
  await screen.findByText("Found github.com/o/r");
  await screen.findByRole("button", { name: "Show branches and tags" });
  const field = screen.getByRole("combobox", { name: "Branch, tag or commit" });
  await user.click(field);
  await screen.findByRole("listbox");

  const names = () => within(screen.getByRole("listbox")).getAllByRole("option").map((option) => option.textContent);
  expect(names()).toEqual(["maindefault6e7d6ca", "feature/x6e7d6ca", "v106e7d6ca", "v96e7d6ca"]);
  expect(screen.getByRole("group", { name: "Tags" })).toBeVisible();
  expect(await violations(container)).toEqual([]);
  await user.type(field, "v1");
  expect(names()).toEqual(["v106e7d6ca"]);

  await user.keyboard("{ArrowDown}{Enter}");

  await waitFor(() => expect(field).toHaveValue("v10"));
  await settled();
  expect(screen.queryByRole("listbox")).toBeNull();
  await user.clear(field);
  await user.type(field, "anything");
  await user.tab();
  await settled();
  expect(field).toHaveValue("anything");
});

test("a link into a branch with a slash is taken apart by what the repository has", async () => {
  const asked = serving(({ ref }) => (ref === "feature/x" ? found({ ref }) : NO_REF));
  const { history } = show(<NewBuildPage me={ADA} />);
  paste("https://github.com/o/r/tree/feature/x/notebooks/a.ipynb");
  expect(await screen.findByText("Opens notebooks/a.ipynb")).toBeVisible();
  expect(screen.getByRole("combobox", { name: "Branch, tag or commit" })).toHaveValue("feature/x");

  await user.click(button());

  await waitFor(() => expect(history.at(-1)).toBe(`/builds/${aBuild().id}?path=notebooks%2Fa.ipynb`));
  expect(posted(asked, "builds")).toEqual([{ repo: "https://github.com/o/r", ref: "feature/x", owner: "user:ada" }]);
});

test("the longest name is meant where a tag is called as the beginning of a branch", async () => {
  serving(({ ref = "HEAD" }) => found({ ref, refs: [aRef("feature", "tag"), aRef("feature/x")] }));
  show(<NewBuildPage me={ADA} />);

  paste("https://github.com/o/r/blob/feature/x/a.ipynb");

  expect(await screen.findByText("Opens a.ipynb")).toBeVisible();
});

test("a folder can be built from instead of opened", async () => {
  const asked = serving(({ ref }) => (ref === "main" ? found({ ref }) : NO_REF));
  show(<NewBuildPage me={ADA} />);
  paste("https://github.com/o/r/tree/main/lessons");
  await user.click(await screen.findByRole("button", { name: "Build from the folder lessons" }));
  expect(await screen.findByText("Builds from the folder lessons")).toBeVisible();

  await user.click(button());

  await waitFor(() => expect(posted(asked, "builds")).toEqual([{ repo: "https://github.com/o/r", ref: "main", subdir: "lessons", owner: "user:ada" }]));
});

test("a ref that is not there offers near ones and the default branch, and cannot be built", async () => {
  serving(({ ref }) => (ref === "mian" ? NO_REF : found()));
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r&ref=mian");
  expect(await screen.findByText("Branch or tag 'mian' does not exist in o/r.")).toBeVisible();
  expect(screen.getByText("Found github.com/o/r")).toBeVisible();
  expect(button()).toBeDisabled();

  await user.click(button("main"));

  expect(await screen.findByText("6e7d6ca")).toBeVisible();
  expect(screen.getByRole("combobox", { name: "Branch, tag or commit" })).toHaveValue("main");
  expect(button()).toBeEnabled();
});

test("what may be private asks for a credential, which is sent and then forgotten", async () => {
  const asked = serving(() => (posted(asked, "source").some((body) => JSON.stringify(body).includes("canary")) ? found({ private: true }) : CLOSED));
  const { container, history } = show(<NewBuildPage me={ADA} />, "/new?repo=o/plans");
  expect(await screen.findByText("We could not find github.com/o/plans. Check the spelling. If it is private, add a credential below.")).toBeVisible();
  const password = await screen.findByLabelText(/Password or token/);
  await user.type(password, "canary");
  await user.click(button("Look again with these"));
  expect(await screen.findByText("What is built of it is seen by its owner only.")).toBeVisible();

  await user.click(button());

  await waitFor(() => expect(posted(asked, "builds")).toHaveLength(1));
  expect(posted(asked, "builds")[0]).toMatchObject({ credentials: { username: "", password: "canary" } });
  expect(history.join()).not.toContain("canary");
  expect(container.innerHTML).not.toContain("canary");
  await waitFor(() => expect(password).toHaveValue(""));
});

test("without a credential there is nothing to send", async () => {
  const asked = serving(() => CLOSED);
  show(<NewBuildPage me={ADA} />, "/new?repo=o/plans");
  await screen.findByLabelText(/Password or token/);

  await user.click(button());

  expect(posted(asked, "builds")).toEqual([]);
});

test("what the administrators do not allow says so, in their service's words", async () => {
  serving(() => problem(422, "source-forbidden", "This service may not build from this address."));
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r");

  expect(await screen.findByText("This service may not build from this address.")).toBeVisible();
  expect(button()).toBeDisabled();
});

test("while a forge is down it can be looked up again, or tried all the same", async () => {
  let isDown = true;
  const asked = serving(() => (isDown ? problem(502, "source-unreachable", "It cannot be read: its server does not answer.") : found()));
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r");
  expect(await screen.findByText("It cannot be read: its server does not answer.")).toBeVisible();
  expect(button()).toBeEnabled();
  isDown = false;

  await user.click(button("Look again"));

  expect(await screen.findByText("6e7d6ca")).toBeVisible();
  expect(posted(asked, "builds")).toEqual([]);
});

test("a DOI and what is no address say what to give instead, and nothing is asked", async () => {
  const asked = serving(() => found());
  show(<NewBuildPage me={ADA} />);
  paste("10.5281/zenodo.1234567");
  expect(await screen.findByText(/A DOI cannot be built yet/)).toBeVisible();
  paste("hello there");
  expect(button()).toBeDisabled();
  expect(screen.queryByText(/This is not the address of a repository/)).toBeNull();
  expect(await screen.findByText(/This is not the address of a repository/, undefined, { timeout: 3000 })).toBeVisible();
  expect(button()).toBeDisabled();

  expect(posted(asked, "source")).toEqual([]);
});

test("what is built already is launched first, and built again only by who says so", async () => {
  const asked = serving(() => found({ image: anImage("r") }));
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r&path=first.ipynb");
  expect(await screen.findByRole("link", { name: "Launch it now" })).toHaveAttribute("href", "/launch?image=id-r&path=first.ipynb");
  expect(screen.queryByRole("button", { name: "Build" })).toBeNull();
  expect(posted(asked, "builds")).toEqual([]);

  await user.click(button("Build anyway"));

  await waitFor(() => expect(posted(asked, "builds")).toEqual([{ repo: "https://github.com/o/r", owner: "user:ada", force: true }]));
});

test("a link fills the form in and begins nothing", async () => {
  const asked = serving(() => found());
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r&ref=main&path=a.ipynb&subdir=lessons&title=My+course");

  expect(await screen.findByText("6e7d6ca")).toBeVisible();
  expect(screen.getByRole("textbox", { name: "Title" })).toHaveValue("My course");
  expect(screen.getByRole("textbox", { name: "Folder to build from" })).toHaveValue("lessons");
  expect(posted(asked, "builds")).toEqual([]);
});

test("what is written down is in the address, to come back to; a password that stood in it is not", async () => {
  serving(() => found());
  const { history } = show(<NewBuildPage me={ADA} />);
  paste("o/r");
  await screen.findByText("Found github.com/o/r");
  await user.click(button("More"));
  await user.type(await screen.findByLabelText("Title"), "Course");
  await waitFor(() => expect(history.at(-1)).toBe("/?repo=o%2Fr&title=Course"));

  paste("https://ada:canary@github.com/o/other");

  await screen.findByText("Found github.com/o/other");
  expect(history.join()).not.toContain("canary");
});

test("how long it takes is told before it begins, and the size of the server and what to open go on to the build", async () => {
  serving(() => found({ estimated_seconds: 200 }), { status: 202, body: aBuild({ joined: true }) });
  const { history } = show(<NewBuildPage me={ADA} />, "/new?repo=o/r&path=a.ipynb&profile=large");
  expect(await screen.findByText("Usually takes about 3 min.")).toBeVisible();
  expect(screen.getByRole("combobox", { name: "Server size" })).toHaveValue("large");
  await user.selectOptions(screen.getByRole("combobox", { name: "Server size" }), "A small one");

  await user.click(button());

  await waitFor(() => expect(history.at(-1)).toBe(`/builds/${aBuild().id}?path=a.ipynb&profile=small`));
});

test("nothing is asked for that the service does not take", async () => {
  serving(() => found(), undefined, { credentials: false, build_args: false, servers: false });
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r&title=A");
  await screen.findByText("Found github.com/o/r");

  expect(await screen.findByLabelText("Folder to build from")).toBeVisible();
  for (const label of ["Open after the start", "Build arguments", "Server size"]) {
    expect(screen.queryByLabelText(label)).toBeNull();
  }
  expect(screen.queryByRole("button", { name: "Private repository" })).toBeNull();
});

test("pressing twice begins one build", async () => {
  const asked = serving(() => found());
  const { history } = show(<NewBuildPage me={ADA} />, "/new?repo=o/r");
  await screen.findByText("6e7d6ca");

  act(() => {
    button().click();
    button().click();
  });

  await waitFor(() => expect(history.at(-1)).toBe(`/builds/${aBuild().id}`));
  expect(posted(asked, "builds")).toHaveLength(1);
});

test("who does not wait for the answer gets what a link means built all the same", async () => {
  const asked = serving(({ ref }) => (ref === "feature/x" ? found({ ref }) : NO_REF));
  show(<NewBuildPage me={ADA} />);
  paste("https://github.com/o/r/tree/feature/x/notebooks");

  await user.click(button());

  await waitFor(() => expect(posted(asked, "builds")).toEqual([{ repo: "https://github.com/o/r", ref: "feature/x", owner: "user:ada" }]));
});

test("build arguments and the group it is for are sent; what is no argument is told", async () => {
  const asked = serving(() => found({ image: anImage("r") }));
  show(<NewBuildPage me={{ ...ADA, owners: ["user:ada", "group:course"] }} />, "/new?repo=o/r");
  await user.click(await screen.findByRole("button", { name: "More" }));
  await user.selectOptions(screen.getByRole("combobox", { name: "Build for" }), "the group course");
  await waitFor(() => expect(posted(asked, "source")).toHaveLength(2));
  expect(await screen.findByText("This commit is built already")).toBeVisible();
  const field = screen.getByRole("textbox", { name: "Build arguments" });
  fireEvent.change(field, { target: { value: "BASE" } });
  expect(screen.getByText("'BASE' is not of the form NAME=value.")).toBeVisible();
  fireEvent.change(field, { target: { value: "BASE=python" } });

  await user.click(button());

  await waitFor(() => expect(posted(asked, "builds")).toEqual([{ repo: "https://github.com/o/r", owner: "group:course", build_args: { BASE: "python" } }]));
});

test("a link for a group builds for that group, where one may, and shows it", async () => {
  const asked = serving(() => found());
  const { unmount } = show(<NewBuildPage me={{ ...ADA, owners: ["user:ada", "group:course"] }} />, "/new?repo=o/r&owner=group:course");
  expect(await screen.findByRole("combobox", { name: "Build for" })).toHaveDisplayValue("the group course");
  await screen.findByText("6e7d6ca");
  unmount();

  show(<NewBuildPage me={ADA} />, "/new?repo=o/r&owner=group:course");

  await screen.findByText("6e7d6ca");
  expect(posted(asked, "source").map((body) => (body as { owner: string }).owner)).toEqual(["group:course", "user:ada"]);
});

test("what has just failed is told here, and can be insisted on", async () => {
  const asked = serving(() => found(), { status: 200, body: aBuild({ state: "failed" }) });
  show(<NewBuildPage me={ADA} />, "/new?repo=o/r");
  await screen.findByText("6e7d6ca");
  await user.click(button());
  expect(await screen.findByText("This failed a moment ago, and would fail again.")).toBeVisible();

  await user.click(button("Build it anyway"));

  await waitFor(() => expect(posted(asked, "builds").at(-1)).toMatchObject({ force: true }));
});

test("who may not build is told whom to ask", () => {
  serving(() => found());
  show(<NewBuildPage me={{ ...ADA, owners: [] }} />);

  expect(screen.getByText(/Ask an administrator of the hub/)).toBeVisible();
  expect(screen.queryByRole("textbox")).toBeNull();
});
