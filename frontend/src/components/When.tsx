const words = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function When({ time }: { time: string }) {
  return <time dateTime={time}>{words.format(new Date(time))}</time>;
}
