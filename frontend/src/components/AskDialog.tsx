import { Button, Text } from "@chakra-ui/react";
import { useRef } from "react";
import { OpenDialog } from "./OpenDialog";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  title: string;
  hint: string;
  /** What the button says that leaves all as it is, and has the focus at first. */
  keep: string;
  /** What the button says that does it. */
  go: string;
  onGo: (close: () => void) => void;
  isBusy: boolean;
  /** Why it did not work. */
  error: Error | null;
  /** What opened it. */
  opener: HTMLElement;
  onClosed: () => void;
}

/** Asks whether something that cannot be undone shall really be done. */
export function AskDialog({ title, hint, keep, go, onGo, isBusy, error, opener, onClosed }: Props) {
  const kept = useRef<HTMLButtonElement>(null);
  return (
    <OpenDialog
      title={title}
      role="alertdialog"
      initialFocus={kept}
      opener={opener}
      onClosed={onClosed}
      footer={(close) => (
        <>
          <Button ref={kept} variant="outline" colorPalette="gray" onClick={close}>
            {keep}
          </Button>
          <Button colorPalette="red" loading={isBusy} onClick={() => onGo(close)}>
            {go}
          </Button>
        </>
      )}
    >
      <Text>{hint}</Text>
      {error && <ProblemAlert error={error} />}
    </OpenDialog>
  );
}
