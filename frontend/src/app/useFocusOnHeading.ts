import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** Move the focus to the heading of each page that is gone to, as a browser would that loads it; gives the path. */
export function useFocusOnHeading(): string {
  const [location] = useLocation();
  const before = useRef(location);
  useEffect(() => {
    if (before.current === location) {
      return undefined;
    }
    before.current = location;
    return keepOnHeading();
  }, [location]);
  return location;
}

/**
 * Move the focus to the heading as soon as there is one, and to the next one when the first only stood in for it while something
 * was loaded, unless somebody has gone on meanwhile. Gives what ends that.
 */
function keepOnHeading(): () => void {
  let focused: HTMLElement | undefined;
  const look = () => {
    const isLost = !focused || (!focused.isConnected && document.activeElement === document.body);
    const heading = isLost && document.querySelector<HTMLElement>("main h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      if (!focused) {
        window.scrollTo(0, 0);
      }
      focused = heading;
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  look();
  return () => observer.disconnect();
}
