import { Container, Spinner } from "@chakra-ui/react";
import { Loading } from "../components/Loading";
import { PageHeading } from "../components/PageHeading";
import { ProblemAlert } from "../components/ProblemAlert";
import { SignInForm } from "../features/session/SignInForm";
import { useSession } from "../features/session/useSession";
import { texts } from "../texts";
import { Pages } from "./Pages";
import { Shell } from "./Shell";
import { usePreload } from "./usePreload";

/** Who is it? Then the pages, or the way in. */
export function App() {
  const session = useSession();
  usePreload();
  return (
    <Shell me={session.data}>
      {session.isPending && (
        <Loading>
          <Spinner aria-label={texts.shell.loading} />
        </Loading>
      )}
      {session.data && <Pages me={session.data} />}
      {session.error && (
        <Container maxW="6xl" px="0">
          {session.needsSignIn ? (
            <SignInForm linkRefused={session.linkRefused} />
          ) : (
            <>
              <PageHeading title={texts.shell.crashed} />
              <ProblemAlert error={session.error} onRetry={() => void session.refetch()} />
            </>
          )}
        </Container>
      )}
    </Shell>
  );
}
