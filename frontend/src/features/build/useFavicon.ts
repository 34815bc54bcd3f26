import { useEffect } from "react";
import type { BuildState } from "../../api/types";
import cancelled from "./cancelled.svg";
import failed from "./failed.svg";
import running from "./running.svg";
import succeeded from "./succeeded.svg";

const ICONS: Record<BuildState, string> = { queued: running, building: running, pushing: running, succeeded, failed, cancelled };

/** Show in the browser's tab how a build stands; gone with the page. */
export function useFavicon(state: BuildState): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    const before = link?.getAttribute("href");
    link?.setAttribute("href", ICONS[state]);
    return () => {
      if (before) {
        link?.setAttribute("href", before);
      }
    };
  }, [state]);
}
