import { Button, Field, Input, Stack, Text } from "@chakra-ui/react";
import { useId, useRef, useState } from "react";
import type { Image } from "../../api/types";
import { useDeleteImages } from "../../operations/useDeleteImages";
import { useInfo } from "../../operations/useInfo";
import { useServersOf } from "../../operations/useServersOf";
import { texts } from "../../texts";
import { OpenDialog } from "../OpenDialog";
import { sizeTogether } from "../sizeTogether";
import { Affected } from "./Affected";
import { Deletions } from "./Deletions";
import { namesWith } from "./namesWith";

interface Props {
  images: readonly Image[];
  /** All that is known, to see what else would vanish. */
  known: readonly Image[];
  opener: HTMLElement;
  /** Called when everything is deleted, before the dialog closes. */
  onDeleted?: (() => void) | undefined;
  onClosed: () => void;
}

/** More than so many are deleted only by somebody who has typed how many. */
const MANY = 10;

/** Asks, says what else happens, deletes, and stays open for what could not be deleted. */
export function DeleteDialog({ images, known, opener, onDeleted, onClosed }: Props) {
  const words = texts.deletion;
  const [wanted] = useState(() => images.map((image) => ({ image, outcome: "waiting" as const, siblings: namesWith(image, known) })));
  const { deletions, isRunning, run } = useDeleteImages(wanted);
  const servers = useServersOf(wanted.map(({ image }) => image.id));
  const [typed, setTyped] = useState("");
  const keep = useRef<HTMLButtonElement>(null);
  const form = useId();
  const failed = deletions.filter(({ outcome }) => outcome === "failed").length;
  const deleted = deletions.filter(({ outcome }) => outcome === "deleted").length;
  const isAsking = !isRunning && failed === 0;
  const afterwards = useInfo().data?.after_delete;

  const begin = async (close: () => void) => {
    if (await run()) {
      onDeleted?.();
      close();
    }
  };
  const isLocked = isAsking && wanted.length > MANY && typed.trim() !== String(wanted.length);
  return (
    <OpenDialog
      title={words.title(wanted.length, sizeTogether(images))}
      role="alertdialog"
      initialFocus={keep}
      opener={opener}
      mayClose={!isRunning}
      onClosed={onClosed}
      footer={(close) => (
        <>
          <Button ref={keep} variant="outline" colorPalette="gray" disabled={isRunning} onClick={close}>
            {failed > 0 ? words.close : words.keep}
          </Button>
          <Button colorPalette="red" disabled={isLocked} loading={isRunning} loadingText={words.deleting} onClick={() => void begin(close)}>
            {failed > 0 ? words.retry : words.remove(wanted.length)}
          </Button>
        </>
      )}
    >
      <Stack gap="4">
        {isAsking && <Text>{[words.consequences, afterwards].filter(Boolean).join(" ")}</Text>}
        <Deletions deletions={deletions} />
        <Affected deletions={deletions} servers={servers} />
        {isAsking && wanted.length > MANY && (
          <Field.Root maxW="3xs">
            <Field.Label htmlFor={form}>{words.type(wanted.length)}</Field.Label>
            <Input id={form} inputMode="numeric" autoComplete="off" value={typed} onChange={({ currentTarget }) => setTyped(currentTarget.value)} />
          </Field.Root>
        )}
        <Text role="status" srOnly={failed === 0}>
          {!isRunning && failed > 0 && words.result(deleted, failed)}
        </Text>
      </Stack>
    </OpenDialog>
  );
}
