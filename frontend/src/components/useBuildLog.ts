import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { buildsKey } from "../operations/builds";
import { followLog, type LogNews } from "./followLog";
import { plainLine } from "./plainLine";

/** More lines than this are not kept: the browser's memory is bounded, a log is not. */
export const MOST_LINES = 5000;

export interface BuildLog {
  lines: readonly string[];
  /** How many lines came before those that are kept. */
  dropped: number;
  phase: "connecting" | "following" | "lost" | "ended";
  error: Error | null;
}

const EMPTY: BuildLog = { lines: [], dropped: 0, phase: "connecting", error: null };

/** The log of one build as it comes, for as long as somebody looks at it; another build is another component. */
export function useBuildLog(id: string): BuildLog {
  const [log, setLog] = useState(EMPTY);
  const queries = useQueryClient();

  useEffect(() => {
    const leaving = new AbortController();
    const follow = async () => {
      try {
        for await (const news of followLog(id, leaving.signal)) {
          if (leaving.signal.aborted) {
            return;
          }
          setLog((known) => withNews(known, news));
        }
      } catch (error) {
        setLog((known) => ({ ...known, phase: "ended", error: error as Error }));
      }
      // The table shall say at once how the build ended.
      await queries.invalidateQueries({ queryKey: buildsKey });
    };
    void follow();
    return () => leaving.abort();
  }, [id, queries]);

  return log;
}

function withNews(known: BuildLog, news: LogNews): BuildLog {
  if (news.kind !== "lines") {
    return { ...known, phase: news.kind === "end" ? "ended" : "lost" };
  }
  const lines = [...known.lines, ...news.lines.map(plainLine)];
  const tooMany = Math.max(0, lines.length - MOST_LINES);
  return { lines: lines.slice(tooMany), dropped: known.dropped + tooMany, phase: "following", error: null };
}
