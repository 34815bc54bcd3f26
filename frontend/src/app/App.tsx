import { Container, Spinner } from "@chakra-ui/react";
import type { Me } from "../api/types";
import { Header } from "../components/Header";
import { ProblemAlert } from "../components/ProblemAlert";
import { LaunchPage } from "../features/launch/LaunchPage";
import { SignInForm } from "../features/session/SignInForm";
import { useSession } from "../features/session/useSession";
import { Home } from "./Home";
import { place } from "./place";

/** Who is it? Then the page, or the way in. */
export function App() {
  const session = useSession();
  return (
    <>
      <Header me={session.data} />
      <Container as="main" maxW="6xl" py="8">
        {session.isPending && <Spinner aria-label="Loading" />}
        {session.data && <Shown me={session.data} />}
        {session.error &&
          (session.needsSignIn ? (
            <SignInForm linkRefused={session.linkRefused} />
          ) : (
            <ProblemAlert error={session.error} />
          ))}
      </Container>
    </>
  );
}

function Shown({ me }: { me: Me }) {
  return place() === "launch" ? <LaunchPage owner={me.owners[0]} /> : <Home me={me} />;
}
