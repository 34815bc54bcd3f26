import { Alert } from "@chakra-ui/react";
import { Problem } from "../api/problem";

/** Something did not work: say what, in the service's own sentence. */
export function ProblemAlert({ error }: { error: Error }) {
  const sentence = error instanceof Problem ? error.sentence : "The service cannot be reached. Try again in a moment.";
  return (
    <Alert.Root status="error" role="alert">
      <Alert.Indicator />
      <Alert.Title>{sentence}</Alert.Title>
    </Alert.Root>
  );
}
