import { useEffect } from "react";
import { matchRoute, useLocation, useRouter } from "wouter";
import { routes } from "./routes";

/** Load the page that the address stands for while it is still asked who wants to see it. */
export function usePreload(): void {
  const { parser } = useRouter();
  const [location] = useLocation();
  useEffect(() => {
    const route = routes.find(({ path }) => matchRoute(parser, path, location)[0]);
    // Where this fails, the page is loaded again when it is shown, and says so.
    route?.page.preload().catch(() => undefined);
  }, [parser, location]);
}
