import { Container, Spinner } from "@chakra-ui/react";
import { Loading } from "../components/Loading";
import { PageHeading } from "../components/PageHeading";
import { ProblemAlert } from "../components/ProblemAlert";
import { isSignedOut } from "../components/isSignedOut";
import { SessionEnded } from "../components/SessionEnded";
import { SignInForm } from "../features/session/SignInForm";
import { useSession } from "../features/session/useSession";
import { texts } from "../texts";
import { Pages } from "./Pages";
import { Shell } from "./Shell";
import { usePreload } from "./usePreload";

/** Who is it? Then the pages, or the way in. Who was known once keeps the page, whatever is answered later. */
export function App() {
  const session = useSession();
  const { data: me, error } = session;
  usePreload();
  return (
    <Shell me={me}>
      {session.isPending && (
        <Loading>
          <Spinner aria-label={texts.shell.loading} />
        </Loading>
      )}
      {me && isSignedOut(error) && <SessionEnded login={error.login} />}
      {me && <Pages me={me} />}
      {!me && error && (
        <Container maxW="6xl" px="0">
          {session.needsSignIn ? (
            <SignInForm linkRefused={session.linkRefused} />
          ) : (
            <>
              <PageHeading title={texts.shell.crashed} />
              <ProblemAlert error={error} onRetry={() => void session.refetch()} />
            </>
          )}
        </Container>
      )}
    </Shell>
  );
}
