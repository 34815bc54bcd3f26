import { useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

/** Keep what is written down in the page's address, to come back to after a look elsewhere or a new login. */
export function useKeptInAddress(link: Readonly<Record<string, string>> | null): void {
  const [asked, setAsked] = useSearchParams();
  const [location] = useLocation();
  const [place] = useState(location);
  const before = asked.toString();
  useEffect(() => {
    // It may be on its way to the page of the build.
    if (link && location === place && new URLSearchParams(link).toString() !== before) {
      setAsked(link, { replace: true });
    }
  }, [link, location, place, before, setAsked]);
}
