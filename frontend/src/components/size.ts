const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A size in bytes as people say it: `1.2 GB`. */
export function size(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount.toFixed(unit > 0 && amount < 10 ? 1 : 0)} ${UNITS[unit]}`;
}
