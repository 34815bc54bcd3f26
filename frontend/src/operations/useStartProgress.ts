import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Server } from "../api/types";
import { followStart, type StartNews } from "./followStart";
import { serversKey } from "./servers";

export interface StartProgress {
  percent: number;
  /** What the hub said, one after the other. */
  messages: readonly string[];
  phase: "starting" | "lost" | "ready" | "failed";
  /** Why it failed, as the hub says; may be empty. */
  reason: string;
  /** What to open of the server, once it is ready. */
  openUrl: string;
  /** Why it cannot be followed any more. */
  error: Error | null;
}

const BEGUN: StartProgress = { percent: 0, messages: [], phase: "starting", reason: "", openUrl: "", error: null };

/** How far the start of one server is, for as long as somebody looks at it; another start is another component. */
export function useStartProgress(server: Server): StartProgress {
  const [progress, setProgress] = useState(() => begun(server));
  const queries = useQueryClient();
  const { name, state, open_url } = server;

  useEffect(() => {
    const leaving = new AbortController();
    const follow = async () => {
      try {
        for await (const news of followStart(name, leaving.signal)) {
          if (leaving.signal.aborted) {
            return;
          }
          setProgress((known) => withNews(known, news, open_url));
        }
      } catch (error) {
        setProgress((known) => ({ ...known, phase: "failed", error: error as Error }));
      }
      void queries.invalidateQueries({ queryKey: serversKey });
    };
    if (state === "starting") {
      void follow();
    }
    return () => leaving.abort();
  }, [queries, name, state, open_url]);

  return progress;
}

function begun(server: Server): StartProgress {
  return server.state === "ready" ? { ...BEGUN, percent: 100, phase: "ready", openUrl: server.open_url } : BEGUN;
}

function withNews(known: StartProgress, news: StartNews, knownAddress: string): StartProgress {
  switch (news.kind) {
    case "progress": {
      const isNew = news.message !== "" && known.messages.at(-1) !== news.message;
      const messages = isNew ? [...known.messages, news.message] : known.messages;
      return { ...known, phase: "starting", percent: Math.max(known.percent, news.percent), messages };
    }
    case "lost":
      return { ...known, phase: "lost" };
    case "ready":
      // What was asked for just now, where the server's address was known then; else as the service remembers it.
      return { ...known, phase: "ready", percent: 100, openUrl: knownAddress || news.openUrl };
    case "failed":
      return { ...known, phase: "failed", reason: news.message };
  }
}
