const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** How long ago something was, in words; the date is there for who points at it, and for machines. */
export function Ago({ time }: { time: string }) {
  const date = new Date(time);
  return (
    <time dateTime={time} title={absolute.format(date)}>
      {ago(date, new Date())}
    </time>
  );
}

export function ago(date: Date, now: Date): string {
  // Clocks differ a little: what has been is not to come.
  const seconds = Math.min(0, (date.getTime() - now.getTime()) / 1000);
  const found = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return found ? relative.format(Math.round(seconds / found[1]), found[0]) : relative.format(0, "minute").replace("this minute", "just now");
}
