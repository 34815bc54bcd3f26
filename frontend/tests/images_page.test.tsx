import { beforeEach, expect, test } from "@jest/globals";
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import type { Image, Me } from "../src/api/types";
import { ImagesPage } from "../src/features/images/ImagesPage";
import { useImages } from "../src/operations/useImages";
import { ADA, anImage, pageOf } from "./an_image";
import { type Asked, pretend, show } from "./pretended";

const VERA: Me = { ...ADA, name: "vera", owner: "user:vera", owners: [], permissions: ["images:read"] };
const user = userEvent.setup({ delay: null });
let served: { status: number; body: unknown };
let asked: Asked[];
let startsServers: boolean;

beforeEach(() => {
  served = { status: 200, body: pageOf([]) };
  startsServers = true;
  asked = pretend((method, path) => {
    if (path === "api/v1/info") {
      return { status: 200, body: { version: "1", capabilities: { servers: startsServers } } };
    }
    if (method === "DELETE") {
      return { status: 204, body: undefined };
    }
    return path.startsWith("api/v1/images?") ? served : method === "POST" ? { status: 202, body: { id: "new" } } : undefined;
  });
});

function shown(images: readonly Image[], { me = ADA, path = "/", ...changes }: { me?: Me; path?: string; [name: string]: unknown } = {}) {
  served = { status: 200, body: pageOf(images, changes) };
  return show(<ImagesPage me={me} />, path);
}

const rows = async () => (await screen.findAllByRole("row")).slice(1);

test("who comes first is told how to begin", async () => {
  shown([]);

  expect(await screen.findByText("No environments yet")).toBeVisible();
  expect(screen.getByRole("link", { name: "Build new environment" })).toHaveAttribute("href", "/new");
});

test("who may not build is not told to", async () => {
  shown([], { me: VERA });

  expect(await screen.findByText("No environments yet")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Build new environment" })).toBeNull();
});

test("a row says what it is and leads on", async () => {
  shown([anImage("a", { title: "Climate", ref: "main", featured: true, private: true, outdated: "new repo2docker" })]);

  const [row] = await rows();
  expect(within(row!).getByRole("link", { name: "Climate" })).toHaveAttribute("href", "/images/id-a");
  expect(within(row!).getByRole("link", { name: "github.com/o/a" })).toHaveAttribute("href", "https://github.com/o/a");
  expect(within(row!).getByRole("link", { name: "0123456" })).toHaveAttribute("href", expect.stringContaining("/commit/0123456"));
  expect(await within(row!).findByRole("link", { name: "Launch Climate 0123456" })).toHaveAttribute("href", "/launch?image=id-a");
  for (const word of ["main", "1.5 GB", "Featured", "Private", "Outdated"]) {
    expect(row).toHaveTextContent(word);
  }
});

test("a row of what somebody put in the place of an environment says so, comes last, and launches nothing", async () => {
  shown([anImage("a", { changed_outside: true, featured: true }), anImage("b")]);

  const [first, last] = await rows();
  expect(await within(first!).findByRole("link", { name: /^Launch/ })).toBeVisible();
  expect(last).toHaveTextContent("Replaced");
  expect(within(last!).queryByRole("link", { name: /^Launch/ })).toBeNull();
});

test("what cannot be read is counted, and named on demand", async () => {
  shown([anImage("a")], { unreadable: ["localhost/r2d/x:1", "localhost/r2d/y:2"] });

  expect(await screen.findByText(/^2 environments cannot be read in the registry/)).toBeVisible();
  const name = screen.getByText("localhost/r2d/y:2");
  expect(name).not.toBeVisible();
  await user.click(screen.getByText("Show names"));
  expect(name).toBeVisible();
});

test("what is typed is looked for at once, told, and kept in the address", async () => {
  const { history } = shown([anImage("climate"), anImage("weather")]);
  expect(await screen.findByText("2 environments")).toBeVisible();

  await user.type(screen.getByRole("searchbox"), "clim");

  expect(await screen.findByText("1 of 2 environments")).toBeVisible();
  expect(await rows()).toHaveLength(1);
  await waitFor(() => expect(history.at(-1)).toBe("/?q=clim"));
});

test("an address brings its search, kind and order with it", async () => {
  const path = "/?q=week&show=mine&sort=name";
  shown([anImage("b", { title: "Week 2" }), anImage("a", { title: "Week 1" }), anImage("c")], { path });

  const found = await rows();

  expect(found.map((row) => within(row).getAllByRole("link")[0]!.textContent)).toEqual(["Week 1", "Week 2"]);
  expect(screen.getByRole("searchbox")).toHaveValue("week");
  expect(screen.getByRole("combobox", { name: "Show" })).toHaveValue("mine");
  expect(screen.getByRole("columnheader", { name: /environment/i })).toHaveAttribute("aria-sort", "ascending");
});

test("when nothing fits, one click shows everything again", async () => {
  shown([anImage("a")], { path: "/?q=nothing&show=featured" });
  expect(await screen.findByText("No environment matches 'nothing'.")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Clear filters" }));

  expect(await rows()).toHaveLength(1);
});

test("a slash goes to the search", async () => {
  shown([anImage("a")]);
  await rows();

  await user.keyboard("/");

  expect(screen.getByRole("searchbox")).toHaveFocus();
  expect(screen.getByRole("searchbox")).toHaveValue("");
});

test("the heads of the columns sort, and sort back", async () => {
  const { history } = shown([anImage("a")]);
  await rows();

  const seen: unknown[] = [];
  for (const column of ["built", "built", "size", "size"]) {
    await user.click(screen.getByRole("button", { name: `Sort by ${column}` }));
    seen.push(history.at(-1));
  }

  expect(seen).toEqual(["/?sort=newest", "/?sort=oldest", "/?sort=size", "/"]);
});

test("only what somebody may change can be selected, and all of that at once", async () => {
  shown([anImage("mine"), anImage("too"), anImage("theirs", { owner: "user:vera", requested_by: "user:vera" })]);
  await rows();
  expect(screen.queryByRole("checkbox", { name: "Select o/theirs" })).toBeNull();

  await user.click(screen.getByRole("checkbox", { name: "Select all that are shown" }));

  const bar = screen.getByRole("region", { name: "What is selected" });
  expect(bar).toHaveTextContent("2 selected, 3.0 GB");
  await user.click(within(bar).getByRole("button", { name: "Clear" }));
  expect(bar).not.toBeInTheDocument();
});

test("who may change nothing sees no checkboxes", async () => {
  shown([anImage("a")], { me: VERA });
  await rows();

  expect(screen.queryByRole("checkbox")).toBeNull();
});

test("what is selected is built again, apart from what cannot be", async () => {
  shown([anImage("a", { subdir: "x" }), anImage("args", { build_args: ["BASE"] })]);
  await rows();
  await user.click(screen.getByRole("checkbox", { name: "Select all that are shown" }));

  await user.click(screen.getByRole("button", { name: "Rebuild 1" }));

  expect(await screen.findByText(/1 build is on its way\./)).toBeVisible();
  expect(asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
    { repo: "https://github.com/o/a", ref: "HEAD", subdir: "x", title: "", description: "", owner: "user:ada", force: true },
  ]);
});

test("who may keep so many sees how many there are, and what to do when there is no room", async () => {
  const me = { ...ADA, limits: { builds: 0, images: 3 } };
  const images = [anImage("a"), anImage("b"), anImage("theirs", { owner: "user:vera" })];
  const { unmount } = shown(images, { me });
  expect(await screen.findByText("You have 2 of 3 environments, 3.0 GB.")).toBeVisible();
  unmount();

  shown([...images, anImage("c")], { me });

  expect(await screen.findByText(/You have 3 of 3 environments, 4.5 GB. Delete one/)).toBeVisible();
});

test("where there is no limit, or nothing may be built, nothing is said of one", async () => {
  shown([anImage("a")], { me: { ...VERA, limits: { builds: 0, images: 3 } } });
  await rows();

  expect(screen.queryByText(/You have/)).toBeNull();
});

test.each([true, false])("an environment is shared where servers are started: %s", async (starts) => {
  startsServers = starts;
  shown([anImage("a")]);
  await rows();

  await user.click(screen.getByRole("button", { name: "More for o/a" }));

  expect(await screen.findByRole("menuitem", { name: "Show details" })).toBeVisible();
  expect(screen.queryAllByRole("menuitem", { name: "Share…" })).toHaveLength(starts ? 1 : 0);
});

test("what others have says whose it is", async () => {
  shown([anImage("mine"), anImage("theirs", { owner: "group:course" })]);

  const [mine, theirs] = await rows();
  expect(theirs).toHaveTextContent("github.com/o/theirs, of the group course");
  expect(mine).not.toHaveTextContent("of ada");
});

test("what has been deleted is told when the dialog is gone", async () => {
  shown([anImage("a"), anImage("b")]);
  await rows();
  await user.click(screen.getByRole("checkbox", { name: "Select all that are shown" }));
  await user.click(screen.getByRole("button", { name: "Delete…" }));

  await user.click(await screen.findByRole("button", { name: "Delete 2" }));

  expect(await screen.findByText("2 environments are deleted.")).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});

test("a list that could not be loaded anew stays, and says so", async () => {
  shown([anImage("a")]);
  await rows();
  served = { status: 503, body: { detail: "The registry does not answer." } };

  act(() => void window.dispatchEvent(new Event("visibilitychange")));

  expect(await screen.findByText(/This is how it was before/)).toBeVisible();
  expect(await rows()).toHaveLength(1);
});

test("it is said when the list may not be true", async () => {
  shown([anImage("a")], { stale: true, partial: true });

  expect(await screen.findByText(/The registry could not be asked lately/)).toBeVisible();
  expect(screen.getByText(/does not tell all/)).toBeVisible();
});

test("a list that cannot be loaded is tried again", async () => {
  served = { status: 503, body: { detail: "The registry does not answer." } };
  show(<ImagesPage me={ADA} />);
  expect(await screen.findByText("The registry does not answer.")).toBeVisible();
  served = { status: 200, body: pageOf([anImage("a")]) };

  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await rows()).toHaveLength(1);
});

test("all pages of a long list are fetched, and what moved between them comes once", async () => {
  const all = Array.from({ length: 500 }, (_, place) => anImage(`n${place}`));
  asked = pretend((_, path) => {
    const begin = Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0);
    const next = begin + 200 < all.length ? String(begin + 199) : null;
    return { status: 200, body: pageOf(all.slice(begin, begin + 200), { total: 500, next }) };
  });
  function Count() {
    const { items, isComplete } = useImages();
    return isComplete && <p>{new Set(items?.map(({ id }) => id)).size} of {items?.length}</p>;
  }
  show(<Count />);

  expect(await screen.findByText("500 of 500")).toBeVisible();
  expect(asked).toHaveLength(3);
});

test("where there are too many to search here, a search that the service cannot answer is told and tried again", async () => {
  let fails = true;
  asked = pretend((_, path) => {
    if (!path.startsWith("api/v1/images?")) {
      return undefined;
    }
    if (!path.includes("q=far")) {
      return { status: 200, body: pageOf([anImage("near")], { total: 5000 }) };
    }
    return fails ? { status: 503, body: { detail: "The registry does not answer." } } : { status: 200, body: pageOf([anImage("far")]) };
  });
  show(<ImagesPage me={ADA} />, "/?q=far");
  expect(await screen.findByText("The registry does not answer.")).toBeVisible();
  fails = false;

  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("link", { name: "o/far" })).toBeVisible();
  expect(screen.queryByText("The registry does not answer.")).toBeNull();
});

test("machines find nothing against it", async () => {
  const { container } = shown([anImage("a", { title: "A", description: "What it is.", featured: true }), anImage("b", { launchable: false })]);
  await rows();

  expect(await violations(container)).toEqual([]);
});
