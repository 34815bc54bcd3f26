import { ChakraProvider } from "@chakra-ui/react";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Problem } from "../src/api/problem";
import { system } from "../src/app/theme";
import { LogStore } from "../src/components/log/LogStore";
import { LogViewer } from "../src/components/log/LogViewer";
import { violations } from "./accessibility";
import { aBuild } from "./a_build";
import { pretend, show } from "./pretended";
import { readable } from "./readable";

const LOG = `\
Picked Git content provider.
Cloning into '/tmp/repo'...
#1 [internal] load build definition
#1 DONE 0.0s

#2 [1/2] RUN echo one
#2 0.100 needle one
#2 DONE 0.2s

#3 [2/2] RUN make
#3 0.300 \x1b[31mred\x1b[0m <script>
#3 0.400 needle two`.split("\n");

const user = userEvent.setup({ delay: null });
const copied = () => navigator.clipboard.readText();

document.head.append(Object.assign(document.createElement("base"), { href: "/" }));

beforeEach(() => {
  jest.useFakeTimers({ advanceTimers: true });
  // The browser that is pretended lays nothing out.
  jest.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  jest.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  window.localStorage.clear();
  window.history.replaceState(null, "", "/builds/x");
});

async function shown(state: "building" | "succeeded" | "failed" = "building", hash = "") {
  window.history.replaceState(null, "", `/builds/x${hash}`);
  const store = new LogStore();
  const result = render(
    <ChakraProvider value={system}>
      <LogViewer build={aBuild({ id: "x", state })} store={store} isLinked says="Building" />
    </ChakraProvider>,
  );
  await add(store, LOG);
  if (state !== "building") {
    await act(async () => store.end(state === "failed" ? "failed" : "done"));
    await flushed();
  }
  return { store, ...result };
}

test.each([
  ["", /Still working. This step has written nothing for [\dmin ]+s/],
  ["#7 [2/2] RUN make\n#7 DONE 240.2s\n", "Still working. This step took about 4 min the last time."],
])("a step that says nothing for long is said to go on, with how long it took before where that is known", async (logBefore, said) => {
  const before = aBuild({ id: "before", state: "succeeded" });
  pretend((_, path) => (path.startsWith("api/v1/builds?") ? { status: 200, body: { items: logBefore ? [before] : [], next: null, total: 1 } } : undefined));
  const answer = globalThis.fetch;
  globalThis.fetch = (async (address: URL, init: RequestInit) =>
    address.pathname.endsWith("before/log") ? { ok: true, status: 200, body: readable(logBefore) } : answer(address, init)) as unknown as typeof fetch;
  const store = new LogStore();
  store.turn("live");
  store.add(1, LOG);
  show(<LogViewer build={aBuild({ id: "x" })} store={store} />);
  await act(async () => jest.advanceTimersByTime(15_000));
  expect(screen.queryByText(/Still working/)).toBeNull();

  await act(async () => jest.advanceTimersByTime(36_000));

  expect(await screen.findByText(said)).toBeVisible();
  await add(store, ["#3 0.500 again"]);
  expect(screen.queryByText(/Still working/)).toBeNull();
});

test("while a build waits there is no log yet, and a builder that begins is given some seconds", async () => {
  const { unmount } = show(<LogViewer build={aBuild({ state: "queued" })} store={new LogStore()} />);
  expect(screen.getByText("The log begins as soon as a builder is free.")).toBeVisible();
  unmount();

  show(<LogViewer build={aBuild()} store={new LogStore()} />);

  expect(screen.getByText("Waiting for the first line.")).toBeVisible();
  expect(screen.queryByText(/No output yet/)).toBeNull();
  expect(await screen.findByText(/No output yet/)).toBeVisible();
});

const flushed = () => act(async () => jest.advanceTimersByTime(150));

async function add(store: LogStore, lines: readonly string[]) {
  store.add(store.last + 1, lines);
  await flushed();
}

const lines = () => [...document.querySelectorAll(".line .text")].map(({ textContent }) => textContent);
const head = (name: RegExp) => screen.getByRole("button", { name });

test("of a log that is written the step at work is unfolded, and those before it are heads with their ends", async () => {
  await shown();

  expect(lines()).toEqual(LOG.slice(9).map((line) => line.replace(/\x1b\[\d+m/g, "")));
  expect(head(/1\/2 RUN echo one 0.2 s/)).toHaveAttribute("aria-expanded", "false");
  expect(head(/2\/2 RUN make running/)).toHaveAttribute("aria-expanded", "true");
});

test("what others wrote is text with classes, and nothing else", async () => {
  await shown();

  expect(document.querySelector(".line .fg-red")).toHaveTextContent("red");
  expect(document.querySelector(".line script")).toBeNull();
});

const NEXT = ["#3 DONE 0.5s", "", "#4 exporting to image"];

test("a step that is done folds away when the next begins", async () => {
  const { store } = await shown();

  await add(store, NEXT);

  expect(head(/RUN make 0.5 s/)).toHaveAttribute("aria-expanded", "false");
});

test("what somebody unfolds stays so, and what is read there does not fold away", async () => {
  const { store } = await shown();
  await user.click(head(/RUN echo one/));
  expect(head(/^Follow/)).toHaveAttribute("aria-pressed", "false");

  await add(store, NEXT);

  expect(head(/RUN echo one/)).toHaveAttribute("aria-expanded", "true");
  expect(head(/RUN make 0.5 s/)).toHaveAttribute("aria-expanded", "true");
});

test("a failed step is unfolded and says so in a word", async () => {
  const { store } = await shown("failed");
  await add(store, ["#3 ERROR: exit code: 2", "A step of the build failed."]);

  expect(head(/RUN make failed/)).toHaveAttribute("aria-expanded", "true");
});

test("a search looks into what is folded, unfolds it, and goes around", async () => {
  await shown();
  await user.keyboard("/");
  expect(screen.getByRole("searchbox")).toHaveFocus();

  await user.keyboard("NEEDLE");
  expect(await screen.findByText("1 of 2")).toBeVisible();
  await flushed();
  expect(head(/RUN echo one/)).toHaveAttribute("aria-expanded", "true");
  expect(document.querySelector(".line.hit")).toHaveTextContent("needle one");

  await user.click(head(/RUN echo one/));
  expect(head(/RUN echo one/)).toHaveAttribute("aria-expanded", "false");
  await user.click(screen.getByRole("searchbox"));
  await user.keyboard("{Enter}{Enter}");
  expect(screen.getByText("1 of 2")).toBeVisible();
  expect(head(/RUN echo one/)).toHaveAttribute("aria-expanded", "true");
  await user.keyboard("{Escape}");
  expect(screen.queryByText("1 of 2")).toBeNull();
  expect(screen.getByRole("region", { name: "Log of the build" })).toHaveFocus();
});

test("an address marks its lines, unfolds them and does not follow the end", async () => {
  await shown("building", "#L7-L8");

  expect([...document.querySelectorAll(".marked .text")].map(({ textContent }) => textContent)).toEqual(LOG.slice(6, 8));
  expect(head(/^Follow/)).toHaveAttribute("aria-pressed", "false");
});

test("a line number marks its line, with shift up to another, and the address says so", async () => {
  await shown();
  const numbers = () => [...document.querySelectorAll<HTMLElement>(".number")];

  fireEvent.click(numbers()[0]!);
  fireEvent.click(numbers()[2]!, { shiftKey: true });
  await flushed();
  await flushed();

  expect(window.location.hash).toBe("#L10-L12");
  await user.keyboard("l");
  expect(await copied()).toBe("http://localhost/builds/x#L10-L12");
  await user.keyboard("c");
  expect(await copied()).toBe("#3 [2/2] RUN make\n#3 0.300 red <script>\n#3 0.400 needle two\n");
});

test("keys go from line to line and from step to step, and fold", async () => {
  await shown();

  await user.keyboard("jj");
  expect(document.querySelector(".marked .text")).toHaveTextContent("#3 0.300 red <script>");
  await user.keyboard("k");
  expect(document.querySelector(".marked .text")).toHaveTextContent("#3 [2/2] RUN make");
  await user.keyboard("o");
  expect(head(/RUN make/)).toHaveAttribute("aria-expanded", "false");
});

test("keys that are switched off do nothing, here and when one comes back", async () => {
  const { unmount } = await shown();
  await user.click(screen.getByText("Keys of the log"));
  await user.click(screen.getByRole("checkbox", { name: "Use single keys" }));
  await user.keyboard("/");
  expect(screen.getByRole("searchbox")).not.toHaveFocus();

  unmount();
  await shown();

  await user.keyboard("/");
  expect(screen.getByRole("searchbox")).not.toHaveFocus();
});

test("whoever stops following is told how many lines have come, and can catch up", async () => {
  const { store } = await shown();
  await user.keyboard("f");
  await add(store, ["#3 0.500 a", "#3 0.600 b"]);

  await user.click(screen.getByRole("button", { name: "2 new lines" }));

  expect(screen.queryByRole("button", { name: /new lines/ })).toBeNull();
  expect(head(/^Follow/)).toHaveAttribute("aria-pressed", "true");
});

test("why no more lines come is told below the ones that there are", async () => {
  const { store } = await shown();

  await act(async () => store.turn("refused", Problem.of({ status: 410, detail: "The log is not kept any more." })));
  await flushed();

  expect(screen.getByRole("alert")).toHaveTextContent("The log is not kept any more.");
  expect(lines()).not.toEqual([]);
});

test("machines find nothing against it", async () => {
  const { container } = await shown("failed", "#L7");

  expect(await violations(container)).toEqual([]);
});
