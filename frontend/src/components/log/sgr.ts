/** How text is to look; colours are numbers of the sixteen that terminals have names for. */
export interface Style {
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
  struck?: boolean;
  foreground?: number;
  background?: number;
}

const EIGHT = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
export const COLOURS: readonly string[] = [...EIGHT, ...EIGHT.map((name) => `bright-${name}`)];

const ON: Readonly<Record<number, keyof Style>> = {
  1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "struck",
};
const OFF: Readonly<Record<number, readonly (keyof Style)[]>> = {
  22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["struck"], 39: ["foreground"], 49: ["background"],
};

/** Give the style after an order such as `1;31`. What nobody knows is passed over. */
export function styled(before: Style, order: string): Style {
  const numbers = order.split(/[;:]/).map(Number);
  let style: Style = { ...before };
  for (let place = 0; place < numbers.length; place += 1) {
    const number = numbers[place]!;
    if (number === 0) {
      style = {};
    } else if (number in ON) {
      style = { ...style, [ON[number]!]: true };
    } else if (number in OFF) {
      style = without(style, OFF[number]!);
    } else if (number === 38 || number === 48) {
      const [colour, used] = extended(numbers, place + 1);
      style = colour === null ? style : { ...style, [number === 38 ? "foreground" : "background"]: colour };
      place += used;
    } else {
      style = { ...style, ...coloured(number) };
    }
  }
  return style;
}

function without(style: Style, names: readonly (keyof Style)[]): Style {
  return Object.fromEntries(Object.entries(style).filter(([name]) => !names.includes(name as keyof Style)));
}

function coloured(number: number): Style {
  const within = (first: number) => number >= first && number < first + 8;
  if (within(30)) return { foreground: number - 30 };
  if (within(90)) return { foreground: number - 90 + 8 };
  if (within(40)) return { background: number - 40 };
  if (within(100)) return { background: number - 100 + 8 };
  return {};
}

/** Read `5;n` or `2;r;g;b`: the colour, and how many numbers it took. */
function extended(numbers: readonly number[], place: number): [number | null, number] {
  if (numbers[place] === 5) {
    return [ofPalette(numbers[place + 1]), 2];
  }
  if (numbers[place] === 2) {
    const [red = 0, green = 0, blue = 0] = numbers.slice(place + 1, place + 4).map((each) => each / 51);
    return [nearest(red, green, blue), 4];
  }
  return [null, 0];
}

/** The one of sixteen that is most like one of the 256: only these are sure to be read on our background. */
function ofPalette(number: number | undefined): number | null {
  if (number === undefined || !(number >= 0 && number < 256)) {
    return null;
  }
  if (number < 16) {
    return number;
  }
  if (number >= 232) {
    const grey = (number - 232) / 4.6;
    return nearest(grey, grey, grey);
  }
  const cube = number - 16;
  return nearest(Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6);
}

/** The levels of red, green and blue go from 0 to 5. */
function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 1) {
    return most < 2 ? 8 : most < 4 ? 7 : 15;
  }
  const bit = (level: number, value: number) => (level * 2 >= most ? value : 0);
  return bit(red, 1) + bit(green, 2) + bit(blue, 4) + (most >= 4 ? 8 : 0);
}
