import { Alert, Link } from "@chakra-ui/react";
import { Problem } from "../api/problem";
import { here } from "./here";

/** Something did not work: say what, in the service's own sentence, and where to log in if that is missing. */
export function ProblemAlert({ error }: { error: Error }) {
  const sentence = error instanceof Problem ? error.sentence : "The service cannot be reached. Try again in a moment.";
  const login = error instanceof Problem ? error.login : undefined;
  return (
    <Alert.Root status="error" role="alert">
      <Alert.Indicator />
      <Alert.Title>
        {sentence} {login && <Link href={`${login}?next=${encodeURIComponent(here())}`}>Log in</Link>}
      </Alert.Title>
    </Alert.Root>
  );
}
