import { Container, Spinner } from "@chakra-ui/react";
import { ProblemAlert } from "../components/ProblemAlert";
import { SignInForm } from "../features/session/SignInForm";
import { useSession } from "../features/session/useSession";
import { texts } from "../texts";
import { Pages } from "./Pages";
import { Shell } from "./Shell";

/** Who is it? Then the pages, or the way in. */
export function App() {
  const session = useSession();
  return (
    <Shell me={session.data}>
      {session.isPending && <Spinner aria-label={texts.shell.loading} />}
      {session.data && <Pages me={session.data} />}
      {session.error && (
        <Container maxW="6xl" px="0">
          {session.needsSignIn ? (
            <SignInForm linkRefused={session.linkRefused} />
          ) : (
            <ProblemAlert error={session.error} />
          )}
        </Container>
      )}
    </Shell>
  );
}
