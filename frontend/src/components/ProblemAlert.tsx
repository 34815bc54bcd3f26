import { Alert, Button, Link } from "@chakra-ui/react";
import { Problem } from "../api/problem";
import { texts } from "../texts";
import { problems as words } from "../texts/problems";
import { loginAddress } from "./here";
import { sentenceOf } from "./sentenceOf";

interface Props {
  error: Error;
  /** Tries again what did not work; missing where that is done elsewhere. */
  onRetry?: (() => void) | undefined;
}

/** Something did not work: say what, in the service's own sentence, and where to log in if that is missing. */
export function ProblemAlert({ error, onRetry }: Props) {
  const login = error instanceof Problem ? error.login : undefined;
  return (
    <Alert.Root status="error" role="alert">
      <Alert.Indicator />
      <Alert.Content flexDirection="row" flexWrap="wrap" alignItems="center" gap="2">
        <Alert.Title flex="1 1 12rem">
          {sentenceOf(error)} {login && <Link href={loginAddress(login)}>{words.logIn}</Link>}
        </Alert.Title>
        {onRetry && !login && (
          <Button size="xs" variant="outline" colorPalette="gray" onClick={onRetry}>
            {texts.shell.retry}
          </Button>
        )}
      </Alert.Content>
    </Alert.Root>
  );
}
