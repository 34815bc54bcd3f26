import { Alert, Link } from "@chakra-ui/react";
import { useEffect, useState } from "react";
import { Problem } from "../../api/problem";
import { texts } from "../../texts";
import { here } from "../here";
import type { LogState } from "./LogStore";

/** A short break is nobody's business. */
const PATIENCE = 3000;
const SHOWN = 4000;

/** Whether the session is over: nothing else of what the service refuses is helped by logging in. */
export const isSignedOut = (error: Error | null): error is Problem =>
  error instanceof Problem && (error.status === 401 || (error.status === 403 && !error.forbidden));

/** Says that the connection is lost, when that is so for some seconds, that it is back, or that the session is over. */
export function ConnectionBanner({ log, isActive }: { log: LogState; isActive: boolean }) {
  const { phase, error } = log;
  const isLost = phase === "lost";
  const [isSaid, setSaid] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(isLost), isLost ? PATIENCE : SHOWN);
    return () => clearTimeout(timer);
  }, [isLost]);

  if (isSignedOut(error)) {
    return (
      <Banner status="warning">
        {texts.log.signedOut} <LoginLink login={error.login} />
      </Banner>
    );
  }
  if (!isSaid) {
    return null;
  }
  if (isLost) {
    return <Banner status="warning">{isActive ? texts.log.lost : texts.log.lostEnded}</Banner>;
  }
  return <Banner status="success">{texts.log.back}</Banner>;
}

function Banner({ status, children }: { status: "warning" | "success"; children: React.ReactNode }) {
  return (
    <Alert.Root status={status} role="status">
      <Alert.Indicator />
      <Alert.Title>{children}</Alert.Title>
    </Alert.Root>
  );
}

/** Leads back to the same line. Where there is no other page to log in, this one asks when it is loaded. */
function LoginLink({ login }: { login: string | undefined }) {
  if (!login) {
    return (
      <Link as="button" onClick={() => window.location.reload()} variant="underline">
        {texts.log.logIn}
      </Link>
    );
  }
  return (
    <Link href={`${login}?next=${encodeURIComponent(here())}`} variant="underline">
      {texts.log.logIn}
    </Link>
  );
}
