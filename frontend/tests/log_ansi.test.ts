import { describe, expect, test } from "@jest/globals";
import { LONGEST, overlong, pieces, plain } from "../src/components/log/ansi";

describe("what a terminal would show", () => {
  test.each([
    ["colours and other orders go", "\x1b[1;31mred\x1b[0m and \x1b[2K\x1b[1Gplain", "red and plain"],
    ["titles, links and unfinished orders go", "\x1b]0;title\x07a\x1b]8;;https://x\x1b\\b\x1b", "ab"],
    ["a carriage return writes over what was there", "10 %\r50 %\r100 %\r", "100 %"],
    ["a carriage return at the end writes over nothing", "all\r", "all"],
    ["a backspace takes a letter", "\b\b-\b\\\b|\bdone", "done"],
    ["letters that turn the order around are named", "a\u202eb", "a<U+202E>b"],
    ["controls are named", "a\x07b\x9bc", "a<U+0007>b<U+009B>c"],
    ["what has no width is named", "a\u200bb\ufeff\u{e0041}", "a<U+200B>b<U+FEFF><U+E0041>"],
    ["tabs stay, and so do other scripts", "a\tb × 日本 👩‍🔬", "a\tb × 日本 👩‍🔬"],
    ["markup is text", "<script>alert(1)</script>", "<script>alert(1)</script>"],
  ])("%s", (_, raw, shown) => {
    expect(plain(raw)).toBe(shown);
    expect(pieces(raw).map(({ text }) => text).join("")).toBe(shown);
  });
});

describe("colours", () => {
  const looks = (raw: string) => pieces(raw).map(({ text, look }) => [text, look]);

  test("orders add up until they are taken back", () => {
    expect(looks("\x1b[1ma\x1b[31mb\x1b[22mc\x1b[39md")).toEqual([
      ["a", "bold"], ["b", "bold fg-red"], ["c", "fg-red"], ["d", ""],
    ]);
  });

  test("an order without numbers takes all back", () => {
    expect(looks("\x1b[4;42ma\x1b[mb")).toEqual([["a", "underline bg-green"], ["b", ""]]);
  });

  test.each([
    ["38;5;196", "fg-bright-red"], ["38;5;22", "fg-green"], ["38;5;240", "fg-bright-black"], ["38;5;255", "fg-bright-white"],
    ["38;2;0;0;255", "fg-bright-blue"], ["38:5:3", "fg-yellow"], ["48;5;54", "bg-magenta"], ["95", "fg-bright-magenta"],
    ["38;5;999", ""], ["38;5", ""], ["777", ""],
  ])("%s is the nearest of those that can be read: %s", (order, look) => {
    expect(looks(`\x1b[${order}mx`)).toEqual([["x", look]]);
  });

  test("what comes after a long colour still counts", () => {
    expect(looks("\x1b[38;2;255;0;0;1mx")).toEqual([["x", "bold fg-bright-red"]]);
  });
});

test("of an endless line the beginning is shown, and how much more there is", () => {
  const raw = `old\r${"x".repeat(LONGEST + 7)}`;

  expect(plain(raw)).toHaveLength(LONGEST);
  expect(overlong(raw)).toBe(7);
  expect(overlong("short")).toBe(0);
});

test("a hostile line takes no time", () => {
  const began = performance.now();
  for (const each of ["\x1b[", "\x1b]", "a\b", "\b", "\x1b[0;", "\r", "\x1bP"]) {
    plain(each.repeat(300_000));
    pieces(each.repeat(300_000));
  }
  expect(performance.now() - began).toBeLessThan(3000);
});
