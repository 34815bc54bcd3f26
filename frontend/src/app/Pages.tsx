import { Spinner } from "@chakra-ui/react";
import { Suspense } from "react";
import { Route, Switch } from "wouter";
import type { Me } from "../api/types";
import { ErrorBoundary } from "./ErrorBoundary";
import { Nowhere } from "./Nowhere";
import { routes } from "./routes";
import { useFocusOnHeading } from "./useFocusOnHeading";
import { texts } from "../texts";

/** The page that the address stands for. */
export function Pages({ me }: { me: Me }) {
  const location = useFocusOnHeading();
  return (
    <ErrorBoundary key={location}>
      <Suspense fallback={<Spinner aria-label={texts.shell.loading} />}>
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
      </Suspense>
    </ErrorBoundary>
  );
}
