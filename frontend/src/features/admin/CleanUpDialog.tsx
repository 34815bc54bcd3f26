import { Button, Stack, Text } from "@chakra-ui/react";
import { useRef } from "react";
import type { Leftover } from "../../api/types";
import { OpenDialog } from "../../components/OpenDialog";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useCleanUp } from "../../operations/useCleanUp";
import { admin } from "../../texts/admin";
import { sizeOf } from "./sizeOf";

interface Props {
  items: readonly Leftover[];
  opener: HTMLElement;
  /** Called with what is gone. */
  onDone: (gone: readonly Leftover[]) => void;
  onClosed: () => void;
}

const words = admin.cleanUp;

/** Asks before anything is removed. */
export function CleanUpDialog({ items, opener, onDone, onClosed }: Props) {
  const keep = useRef<HTMLButtonElement>(null);
  const clean = useCleanUp();
  const begin = (close: () => void) =>
    clean.mutate(undefined, {
      onSuccess: (gone) => {
        onDone(gone.items);
        close();
      },
    });
  return (
    <OpenDialog
      title={words.ask(items.length)}
      role="alertdialog"
      initialFocus={keep}
      opener={opener}
      mayClose={!clean.isPending}
      onClosed={onClosed}
      footer={(close) => (
        <>
          <Button ref={keep} variant="outline" colorPalette="gray" disabled={clean.isPending} onClick={close}>
            {words.keep}
          </Button>
          <Button colorPalette="red" loading={clean.isPending} loadingText={words.cleaning} onClick={() => begin(close)}>
            {words.now}
          </Button>
        </>
      )}
    >
      <Stack gap="3">
        <Text>{words.would(items.length, sizeOf(items))}</Text>
        <Text>{words.askHint}</Text>
        {clean.error && <ProblemAlert error={clean.error} />}
      </Stack>
    </OpenDialog>
  );
}
