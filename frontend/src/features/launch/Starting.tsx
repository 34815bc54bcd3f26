import { Alert, Button, Link, Stack, Text } from "@chakra-ui/react";
import { useEffect } from "react";
import type { Server } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { FocusedHeading } from "./FocusedHeading";
import { StartBar } from "./StartBar";
import { useStartProgress } from "./useStartProgress";

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
  return (
    <Stack gap="4">
      <FocusedHeading>{failed ? "The server did not start" : "Starting your server"}</FocusedHeading>
      <Text fontWeight="medium">{server.title || server.name || "Your server"}</Text>
      {!failed && (
        <StartBar percent={percent} />
      )}
      {!failed && <Text role="status">{sentence(phase, messages.at(-1))}</Text>}
      {phase === "ready" && (
        <Link href={openUrl} variant="underline" alignSelf="start">
          Open it, if the browser does not go there by itself
        </Link>
      )}
      {failed && (error ? <ProblemAlert error={error} /> : <Failure reason={reason} />)}
      {failed && (
        <Button alignSelf="start" onClick={onAgain}>
          Try again
        </Button>
      )}
      <Earlier messages={failed ? messages : messages.slice(0, -1)} />
    </Stack>
  );
}

function Earlier({ messages }: { messages: readonly string[] }) {
  return (
    <Stack asChild gap="1" textStyle="sm" color="fg.muted">
      <ol aria-label="What the hub said before">
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
        <Alert.Title>{reason || "The hub does not say why."}</Alert.Title>
        <Alert.Description>If it fails once more, tell an administrator of the hub what is said here.</Alert.Description>
      </Alert.Content>
    </Alert.Root>
  );
}

function sentence(phase: string, last: string | undefined): string {
  if (phase === "ready") {
    return "Your server is ready. Going there…";
  }
  if (phase === "lost") {
    return "The connection was lost; trying again. The server goes on starting meanwhile.";
  }
  return last ?? "The hub is asked to start your server.";
}

/** Whether a browser may be led there. */
function isAddress(address: string): boolean {
  return address !== "" && /^https?:$/.test(new URL(address, document.baseURI).protocol);
}
