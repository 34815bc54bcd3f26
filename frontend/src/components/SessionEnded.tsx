import { Alert, Link } from "@chakra-ui/react";
import { texts } from "../texts";
import { problems } from "../texts/problems";
import { loginAddress } from "./here";

interface Props {
  /** Where people log in; where that is no other page, this one asks when it is loaded. */
  login: string | undefined;
}

/** Says that the session is over, and leads back to the same place and line. What is there stays until somebody goes. */
export function SessionEnded({ login }: Props) {
  return (
    <Alert.Root status="warning" role="status">
      <Alert.Indicator />
      <Alert.Title>
        {texts.shell.sessionEnded}{" "}
        {login ? (
          <Link href={loginAddress(login)} variant="underline">
            {problems.logIn}
          </Link>
        ) : (
          <Link as="button" onClick={() => window.location.reload()} variant="underline">
            {problems.logIn}
          </Link>
        )}
      </Alert.Title>
    </Alert.Root>
  );
}
