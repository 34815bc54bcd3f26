import { COLOURS, type Style, styled } from "./sgr";

/** A part of a line that looks alike. */
export interface Piece {
  text: string;
  /** Names of classes; none is plain text. */
  look: string;
}

/** Longer lines are shown and searched up to here: a browser that lays out a megabyte of text in one line stands still. */
export const LONGEST = 20_000;

const SGR = /^\x1b\[([0-9;:]*)m$/;
const COLOUR = /\x1b\[[0-9;:]*m/g;
const ESCAPE =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~]|$|(?=[^ -~]))/g;
/** Controls, and letters that have no look of their own but change the order or the look of others. */
const HIDDEN = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** A line as a terminal would leave it, without colours. What is written and hidden is named: `<U+202E>`. */
export function plain(raw: string): string {
  const written = lastWritten(raw);
  if (isSimple(written)) {
    return written;
  }
  // Nearly all that is not simple is coloured, and simple without the colours.
  const colourless = written.replace(COLOUR, "");
  return isSimple(colourless) ? colourless : named(erased(colourless.replace(ESCAPE, "")));
}

/** A line as a terminal would leave it, in parts that look alike. Orders other than for looks are dropped. */
export function pieces(raw: string): Piece[] {
  const written = lastWritten(raw);
  if (isSimple(written)) {
    return [{ text: written, look: "" }];
  }
  const found: Piece[] = [];
  let style: Style = {};
  let begin = 0;
  for (const escape of written.matchAll(ESCAPE)) {
    add(found, written.slice(begin, escape.index), look(style));
    const orders = SGR.exec(escape[0]);
    style = orders ? styled(style, orders[1]!) : style;
    begin = escape.index + escape[0].length;
  }
  add(found, written.slice(begin), look(style));
  return found;
}

/** How many characters of a line are not shown. */
export function overlong(raw: string): number {
  return Math.max(0, raw.length - raw.lastIndexOf("\r", raw.length - 2) - 1 - LONGEST);
}

/** What a carriage return wrote over is gone; one at the end is none. */
function lastWritten(raw: string): string {
  const end = raw.endsWith("\r") ? raw.length - 1 : raw.length;
  const begin = raw.lastIndexOf("\r", end - 1) + 1;
  return begin === 0 && end === raw.length && end <= LONGEST ? raw : raw.slice(begin, Math.min(end, begin + LONGEST));
}

/** Whether there is nothing to be done: so it is with nearly every line, and there are many. */
function isSimple(text: string): boolean {
  return /^[\t -~]*$/.test(text);
}

function add(found: Piece[], text: string, look: string): void {
  let begin = 0;
  const rest = erased(text);
  for (const hidden of rest.matchAll(HIDDEN)) {
    found.push({ text: rest.slice(begin, hidden.index), look }, { text: nameOf(hidden[0]), look: `${look} hidden`.trim() });
    begin = hidden.index + hidden[0].length;
  }
  found.push({ text: rest.slice(begin), look });
  while (found.at(-1)?.text === "") {
    found.pop();
  }
}

/** A backspace takes the letter before it, as spinners do. */
function erased(text: string): string {
  if (!text.includes("\b")) {
    return text;
  }
  const kept: string[] = [];
  for (const letter of text) {
    if (letter === "\b") {
      kept.pop();
    } else {
      kept.push(letter);
    }
  }
  return kept.join("");
}

const named = (text: string) => text.replace(HIDDEN, nameOf);

const nameOf = (letter: string) => `<U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;

function look({ foreground, background, ...others }: Style): string {
  const names = Object.entries(others).filter(([, on]) => on).map(([name]) => name);
  if (foreground !== undefined) {
    names.push(`fg-${COLOURS[foreground]}`);
  }
  if (background !== undefined) {
    names.push(`bg-${COLOURS[background % 8]}`);
  }
  return names.join(" ");
}
