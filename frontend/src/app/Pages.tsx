import { Route, Switch } from "wouter";
import type { Me } from "../api/types";
import { ErrorBoundary } from "./ErrorBoundary";
import { Nowhere } from "./Nowhere";
import { routes } from "./routes";
import { useFocusOnHeading } from "./useFocusOnHeading";

/** The page that the address stands for. */
export function Pages({ me }: { me: Me }) {
  const location = useFocusOnHeading();
  return (
    <ErrorBoundary key={location}>
      <Switch>
        {routes.map(({ path, page: Page }) => (
          <Route key={path} path={path}>
            {(parameters) => <Page me={me} parameters={parameters} />}
          </Route>
        ))}
        <Route>
          <Nowhere />
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}
