import { Button, Text } from "@chakra-ui/react";
import { useRef } from "react";
import type { Build } from "../api/types";
import { OpenDialog } from "./OpenDialog";
import { ProblemAlert } from "./ProblemAlert";
import { useCancelBuild } from "../operations/useCancelBuild";
import { texts } from "../texts";

interface Props {
  build: Build;
  /** What opened it. */
  opener: HTMLElement;
  onClosed: () => void;
}

/** Asks whether a build shall really end. */
export function CancelDialog({ build, opener, onClosed }: Props) {
  const keep = useRef<HTMLButtonElement>(null);
  const cancel = useCancelBuild();
  return (
    <OpenDialog
      title={texts.build.cancelTitle}
      role="alertdialog"
      initialFocus={keep}
      opener={opener}
      onClosed={onClosed}
      footer={(close) => (
        <>
          <Button ref={keep} variant="outline" colorPalette="gray" onClick={close}>
            {texts.build.keep}
          </Button>
          <Button
            colorPalette="red"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(build.id, { onSuccess: close })}
          >
            {texts.build.cancelNow}
          </Button>
        </>
      )}
    >
      <Text>{texts.build.cancelHint}</Text>
      {cancel.error && <ProblemAlert error={cancel.error} />}
    </OpenDialog>
  );
}
