import { Alert, Button, Link, Stack, Text } from "@chakra-ui/react";
import { useEffect } from "react";
import type { Server } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { StartBar } from "../../components/StartBar";
import { useTitle } from "../../components/useTitle";
import { useStartProgress } from "../../operations/useStartProgress";
import { launch as words } from "../../texts/launch";
import { FocusedHeading } from "./FocusedHeading";

interface Props {
  server: Server;
  onAgain: () => void;
}

/** A server on its way: what the hub says of it, and then off to it. */
export function Starting({ server, onAgain }: Props) {
  const { percent, messages, phase, reason, openUrl, error } = useStartProgress(server);
  useEffect(() => {
    if (phase === "ready" && isAddress(openUrl)) {
      window.location.assign(openUrl);
    }
  }, [phase, openUrl]);
  const failed = phase === "failed";
  useTitle(failed ? words.failedTitle : words.startingTitle);
  return (
    <Stack gap="4">
      <FocusedHeading>{failed ? words.failedTitle : words.startingTitle}</FocusedHeading>
      <Text fontWeight="medium">{server.title || server.name || words.yourServer}</Text>
      {!failed && (
        <StartBar percent={percent} />
      )}
      {!failed && <Text role="status">{sentence(phase, messages.at(-1))}</Text>}
      {phase === "ready" && (
        <Link href={openUrl} variant="underline" alignSelf="start">
          {words.openByHand}
        </Link>
      )}
      {failed && (error ? <ProblemAlert error={error} /> : <Failure reason={reason} />)}
      {failed && (
        <Button alignSelf="start" onClick={onAgain}>
          {words.tryAgain}
        </Button>
      )}
      <Earlier messages={failed ? messages : messages.slice(0, -1)} />
    </Stack>
  );
}

function Earlier({ messages }: { messages: readonly string[] }) {
  return (
    <Stack asChild gap="1" textStyle="sm" color="fg.muted">
      <ol aria-label={words.before}>
        {messages.map((message, index) => (
          <li key={index}>{message}</li>
        ))}
      </ol>
    </Stack>
  );
}

function Failure({ reason }: { reason: string }) {
  return (
    <Alert.Root status="error" role="alert">
      <Alert.Indicator />
      <Alert.Content>
        <Alert.Title>{reason || words.noReason}</Alert.Title>
        <Alert.Description>{words.ifAgain}</Alert.Description>
      </Alert.Content>
    </Alert.Root>
  );
}

function sentence(phase: string, last: string | undefined): string {
  if (phase === "ready") {
    return words.ready;
  }
  if (phase === "lost") {
    return words.lost;
  }
  return last ?? words.asked;
}

/** Whether a browser may be led there. */
function isAddress(address: string): boolean {
  return address !== "" && /^https?:$/.test(new URL(address, document.baseURI).protocol);
}
