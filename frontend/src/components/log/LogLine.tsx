import { memo } from "react";
import { texts } from "../../texts";
import { overlong, type Piece, pieces } from "./ansi";

interface Props {
  number: number;
  raw: string;
  /** What is searched for. */
  pattern: RegExp | null;
}

const PREFIX = /^#\d{1,6} (?:\d+\.\d+ )?/;

/** One line of a log. The text is somebody else's: it becomes text, and nothing but text. */
export const LogLine = memo(function LogLine({ number, raw, pattern }: Props) {
  const [first, ...others] = pieces(raw);
  const prefix = first ? (PREFIX.exec(first.text)?.[0] ?? "") : "";
  const cut = overlong(raw);
  return (
    <>
      <span className="number" data-number={number} aria-hidden />
      <span className="text">
        {prefix && <span className="prefix">{prefix}</span>}
        {first && <Text piece={{ ...first, text: first.text.slice(prefix.length) }} pattern={pattern} />}
        {others.map((piece, place) => (
          <Text key={place} piece={piece} pattern={pattern} />
        ))}
        {cut > 0 && <em> {texts.log.cut(cut)}</em>}
      </span>
    </>
  );
});

function Text({ piece: { text, look }, pattern }: { piece: Piece; pattern: RegExp | null }) {
  const marked = pattern ? withMarks(text, pattern) : text;
  return look ? <span className={look}>{marked}</span> : <>{marked}</>;
}

function withMarks(text: string, pattern: RegExp) {
  const parts = [];
  let begin = 0;
  for (const { 0: hit, index } of text.matchAll(pattern)) {
    parts.push(text.slice(begin, index), <mark key={index}>{hit}</mark>);
    begin = index + hit.length;
  }
  return parts.length > 0 ? [...parts, text.slice(begin)] : text;
}
