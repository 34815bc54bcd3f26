import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { LogSearch } from "../src/components/log/LogSearch";
import { LogStore, MOST_LINES } from "../src/components/log/LogStore";
import { hashOf, rangeOf } from "../src/components/log/lineRange";

const MANY = 100_000;
const many = Array.from({ length: MANY }, (_, place) =>
  place % 5 < 2
    ? `#9 ${place}.250 \x1b[32mCollecting\x1b[0m package-${place} (from -r requirements.txt (line ${place}))`
    : `#9 ${place}.250   Downloading package-${place}-1.0-py3-none-any.whl, of which there is much to be said here`,
);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function flushed(store: LogStore) {
  jest.advanceTimersByTime(1000);
  return store.snapshot();
}

test("however much comes, it is told of ten times a second", () => {
  const store = new LogStore();
  let told = 0;
  store.subscribe(() => (told += 1));

  for (let milliseconds = 0; milliseconds < 1000; milliseconds += 1) {
    store.add(store.last + 1, ["a", "b"]);
    jest.advanceTimersByTime(1);
  }

  expect(told).toBeGreaterThan(5);
  expect(told).toBeLessThanOrEqual(11);
  expect(flushed(store).last).toBe(2000);
});

test("lines that were known already are not told again", () => {
  const store = new LogStore();
  store.add(1, ["one", "two"]);
  store.add(2, ["two", "three"]);
  store.add(1, ["one"]);

  expect([1, 2, 3, 4].map((number) => store.line(number))).toEqual(["one", "two", "three", ""]);
  expect(flushed(store).last).toBe(3);
});

test("what nobody could scroll through is dropped from the front, and the numbers stay", () => {
  const store = new LogStore();
  store.add(1, Array.from({ length: MOST_LINES + 1 }, (_, place) => `line ${place + 1}`));

  const { first, last } = flushed(store);
  expect([first, last]).toEqual([50_001, MOST_LINES + 1]);
  expect(store.line(first)).toBe("line 50001");
});

test("who looks away is told nothing more", () => {
  const store = new LogStore();
  let told = 0;
  const leave = store.subscribe(() => (told += 1));
  leave();

  store.add(1, ["one"]);
  flushed(store);

  expect(told).toBe(0);
});

test("100,000 lines are searched to the last one, whatever their letters and colours", () => {
  const store = new LogStore();
  store.add(1, many);

  expect(new LogSearch("PACKAGE-99999-1.0").in(store)).toEqual([100_000]);
  expect(new LogSearch("collecting package").in(store)).toHaveLength(MANY * 0.4);
});

test("a search goes on where it was when the log has grown", () => {
  const store = new LogStore();
  store.add(1, ["one", "two"]);
  const search = new LogSearch("o");
  const before = search.in(store);
  expect(search.in(store)).toBe(before);

  store.add(3, ["three", "four"]);

  expect(search.in(store)).toEqual([1, 2, 4]);
});

test("what is searched for is text, and found across colours", () => {
  const store = new LogStore();
  store.add(1, ["a.b", "axb", "a\x1b[31m.b", "(.*)"]);

  expect(new LogSearch("a.b").in(store)).toEqual([1, 3]);
  expect(new LogSearch("(.*").in(store)).toEqual([4]);
  expect(new LogSearch("").in(store)).toEqual([]);
});

test.each([
  ["#L120", { from: 120, to: 120 }],
  ["#L120-L134", { from: 120, to: 134 }],
  ["#L134-L120", { from: 120, to: 134 }],
  ["#L0", null],
  ["#token=L1", null],
  ["#L1-", null],
])("%s is an address of lines, or none", (hash, range) => {
  expect(rangeOf(hash)).toEqual(range);
});

test("a range is written as it is read", () => {
  expect(["#L7", "#L7-L9"].map((hash) => hashOf(rangeOf(hash)!))).toEqual(["#L7", "#L7-L9"]);
});
