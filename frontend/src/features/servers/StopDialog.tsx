import type { Server } from "../../api/types";
import { AskDialog } from "../../components/AskDialog";
import { useStopServer } from "../../operations/useStopServer";
import { servers as words } from "../../texts/servers";
import { runs } from "./runs";

interface Props {
  server: Server;
  /** What opened it. */
  opener: HTMLElement;
  onClosed: () => void;
}

/** Asks whether a server shall really end: what somebody works on in it may not be saved. */
export function StopDialog({ server, opener, onClosed }: Props) {
  const stop = useStopServer();
  const name = server.title || server.name || words.yours;
  const isRunning = runs(server);
  return (
    <AskDialog
      title={isRunning ? words.stopTitle(name) : words.removeTitle(name)}
      hint={isRunning ? words.stopHint : words.removeHint}
      keep={isRunning ? words.keepRunning : words.keep}
      go={isRunning ? words.stopNow : words.remove}
      onGo={(close) => stop.mutate(server.name, { onSuccess: close })}
      isBusy={stop.isPending}
      error={stop.error}
      opener={opener}
      onClosed={onClosed}
    />
  );
}
