import { useEffect } from "react";

/** How long to wait after the last movement; browsers take few changes of the history in a short time. */
const PAUSE = 200;

/** Be where one was, when one comes back to this address or loads it again, as soon as there is something to scroll. */
export function useKeptScroll(isReady: boolean): void {
  useEffect(() => {
    if (!isReady) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = () => {
      clearTimeout(timer);
      timer = setTimeout(() => window.history.replaceState({ ...window.history.state, scroll: window.scrollY }, ""), PAUSE);
    };
    const before: unknown = window.history.state?.scroll;
    // After whatever moves the focus to the heading of a page that is gone to.
    const frame = requestAnimationFrame(() => {
      if (typeof before === "number" && before > 0) {
        window.scrollTo(0, before);
      }
      window.addEventListener("scroll", keep, { passive: true });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      window.removeEventListener("scroll", keep);
    };
  }, [isReady]);
}
