import { Alert } from "@chakra-ui/react";
import { useEffect, useState } from "react";
import { texts } from "../../texts";
import { isSignedOut } from "../isSignedOut";
import { ProblemAlert } from "../ProblemAlert";
import { SessionEnded } from "../SessionEnded";
import type { LogState } from "./LogStore";

/** A short break is nobody's business. */
const PATIENCE = 3000;
const SHOWN = 4000;

/** Says that the connection is lost, when that is so for some seconds, that it is back, or why no more lines come. */
export function ConnectionBanner({ log, isActive }: { log: LogState; isActive: boolean }) {
  const { phase, error } = log;
  const isLost = phase === "lost";
  const [isSaid, setSaid] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(isLost), isLost ? PATIENCE : SHOWN);
    return () => clearTimeout(timer);
  }, [isLost]);

  if (isSignedOut(error)) {
    return <SessionEnded login={error.login} />;
  }
  if (phase === "refused") {
    // Where there are no lines, that is said in their place.
    return error && log.last > 0 ? <ProblemAlert error={error} /> : null;
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
