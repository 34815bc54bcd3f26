import { Alert, Button, Heading, Link, Progress, Stack, Text } from "@chakra-ui/react";
import { useEffect, useRef } from "react";
import type { Server } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
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
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // the button that was pressed is gone
  const failed = phase === "failed";
  return (
    <Stack gap="4">
      <Heading as="h1" size="2xl" ref={heading} tabIndex={-1} outline="none">
        {failed ? "The server did not start" : "Starting your server"}
      </Heading>
      <Text fontWeight="medium">{server.title || server.name || "Your server"}</Text>
      {!failed && (
        <Progress.Root value={percent} aria-label="How far the start is" size="sm" maxW="xl">
          <Progress.Track>
            <Progress.Range />
          </Progress.Track>
        </Progress.Root>
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
