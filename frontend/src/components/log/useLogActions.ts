import { type RefObject, useState } from "react";
import { copyText } from "../copyText";
import { useStored } from "../useStored";
import { plain } from "./ansi";
import { hashOf, ordered } from "./lineRange";
import type { LogStore } from "./LogStore";
import type { LogScroller } from "./useLogScroller";
import type { LogView } from "./useLogView";

export type LogActions = ReturnType<typeof useLogActions>;

const SHOWN = 3000;
const NARROW = "(max-width: 40rem)";

/** All that buttons and keys do with a log. */
export function useLogActions(
  build: string,
  store: LogStore,
  view: LogView,
  scroller: RefObject<LogScroller | null>,
) {
  const [isWrapped, wrap] = useStored("log-wrap", window.matchMedia(NARROW).matches);
  const [copied, setCopied] = useState<"link" | "lines" | "not" | null>(null);
  const { rows, range, log } = view;

  const copy = async (what: "link" | "lines", text: string) => {
    setCopied((await copyText(text)) ? what : "not");
    setTimeout(() => setCopied(null), SHOWN);
  };
  const here = () => (range ? rows.indexOf(range.to) : (scroller.current?.row() ?? 0));

  return {
    isWrapped,
    copied,
    toggleWrap: () => wrap(!isWrapped),
    toggleFollow: () => (view.isFollowing ? view.unfollow() : view.follow()),
    toTop: () => {
      view.unfollow();
      scroller.current?.toTop();
    },
    toEnd: () => {
      view.follow();
      scroller.current?.toEnd();
    },
    copyLink: () => {
      const { from, to } = range ?? ordered(log.first, log.first);
      return copy("link", new URL(`builds/${build}${hashOf({ from, to })}`, document.baseURI).href);
    },
    copyLines: () => {
      const { from, to } = range ?? { from: log.first, to: log.last };
      const lines = Array.from({ length: to - from + 1 }, (_, place) => plain(store.line(from + place)));
      return copy("lines", `${lines.join("\n")}\n`);
    },
    toLine: (step: 1 | -1) => {
      const line = range
        ? rows.lineFrom(rows.indexOf(step === 1 ? range.to : range.from) + step, step)
        : rows.lineFrom(scroller.current?.row() ?? 0, 1);
      if (line !== null) {
        view.choose(ordered(line, line));
        view.show(line, "auto");
      }
    },
    toStep: (step: 1 | -1) => {
      view.unfollow();
      scroller.current?.toHead(rows.headFrom(scroller.current.row(), step));
    },
    toggleFold: () => {
      if (rows.count > 0) {
        view.toggle(rows.at(Math.min(here(), rows.count - 1)).section);
      }
    },
  };
}
