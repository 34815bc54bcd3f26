import { Button, Field, Input, Stack, Text } from "@chakra-ui/react";
import { useRef, useState } from "react";
import { LoadingRows } from "../../components/LoadingRows";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { OpenDialog } from "../../components/OpenDialog";
import { ProblemAlert } from "../../components/ProblemAlert";
import { spokenOwner } from "../../components/spokenOwner";
import { useHoldings } from "../../operations/useHoldings";
import { useRemoveHoldings } from "../../operations/useRemoveHoldings";
import { admin } from "../../texts/admin";
import { HoldingList } from "./HoldingList";

interface Props {
  owner: string;
  opener: HTMLElement;
  onClosed: () => void;
}

const words = admin.removal;

/** Shows all that somebody has before it is removed, and what is left afterwards with the reason. */
export function RemovalDialog({ owner, opener, onClosed }: Props) {
  const keep = useRef<HTMLButtonElement>(null);
  const [withProtected, setWithProtected] = useState(false);
  const [typed, setTyped] = useState("");
  const preview = useHoldings(owner, withProtected);
  const removal = useRemoveHoldings(owner);
  const { data: done, isPending: isRemoving } = removal;
  const shown = done ?? preview.data;
  const isLeft = shown?.items.some(({ stays }) => stays) ?? false;
  const isThere = !!shown && shown.items.length > 0;
  const name = spokenOwner(owner);
  const mayRemove = done ? isLeft : isThere && typed.trim() === owner && !preview.isPlaceholderData;
  return (
    <OpenDialog
      title={done ? words.done(name) : words.title(name)}
      role="alertdialog"
      size="lg"
      initialFocus={keep}
      opener={opener}
      mayClose={!isRemoving}
      onClosed={onClosed}
      footer={(close) => (
        <>
          <Button ref={keep} variant="outline" colorPalette="gray" disabled={isRemoving} onClick={close}>
            {done || !isThere ? words.close : words.keep}
          </Button>
          {(done ? isLeft : isThere) && (
            <Button colorPalette="red" disabled={!mayRemove} loading={isRemoving} loadingText={words.removing} onClick={() => removal.mutate(withProtected)}>
              {done ? words.again : words.remove}
            </Button>
          )}
        </>
      )}
    >
      <Stack gap="4">
        {!done && <Text>{words.hint}</Text>}
        {(removal.error ?? preview.error) && <ProblemAlert error={(removal.error ?? preview.error)!} />}
        {!shown && !preview.error && <LoadingRows label={words.loading} rows={2} />}
        {shown && <HoldingList holdings={shown} isDone={!!done} />}
        {!done && isThere && (
          <>
            <NativeCheckbox label={words.protected} isLabelShown checked={withProtected} onChange={setWithProtected} />
            <Field.Root maxW="xs">
              <Field.Label>{words.type(owner)}</Field.Label>
              <Input autoComplete="off" autoCapitalize="none" value={typed} onChange={({ currentTarget }) => setTyped(currentTarget.value)} />
            </Field.Root>
          </>
        )}
      </Stack>
    </OpenDialog>
  );
}
