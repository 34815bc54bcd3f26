import type { Build } from "../api/types";
import { useCancelBuild } from "../operations/useCancelBuild";
import { texts } from "../texts";
import { AskDialog } from "./AskDialog";

interface Props {
  build: Build;
  /** What opened it. */
  opener: HTMLElement;
  onClosed: () => void;
}

/** Asks whether a build shall really end. */
export function CancelDialog({ build, opener, onClosed }: Props) {
  const cancel = useCancelBuild();
  const words = texts.build;
  return (
    <AskDialog
      title={words.cancelTitle}
      hint={words.cancelHint}
      keep={words.keep}
      go={words.cancelNow}
      onGo={(close) => cancel.mutate(build.id, { onSuccess: close })}
      isBusy={cancel.isPending}
      error={cancel.error}
      opener={opener}
      onClosed={onClosed}
    />
  );
}
