import { Button, Field, HStack, Input, Text } from "@chakra-ui/react";
import { type FormEvent, useState } from "react";
import type { Summary } from "../../api/types";
import { ListTable } from "../../components/ListTable";
import { Section } from "../../components/Section";
import { part } from "../../components/part";
import { admin } from "../../texts/admin";
import { UsageRow } from "./UsageRow";

const RemovalDialog = part(async () => (await import(/* webpackChunkName: "removal" */ "./RemovalDialog")).RemovalDialog);
const words = admin.usage;

/** Who has how much of what they may have, and the way to take it all away when somebody leaves. */
export function UsageList({ usage }: { usage: Summary["usage"] }) {
  const [removing, setRemoving] = useState<{ owner: string; opener: HTMLElement }>();
  const look = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const owner = String(new FormData(form).get("owner")).trim();
    setRemoving({ owner, opener: form.querySelector("button") ?? form });
  };
  return (
    <Section title={words.title}>
      <Text color="fg.muted">{usage === null ? admin.unknown : usage.length === 0 ? words.none : words.hint}</Text>
      {usage && usage.length > 0 && (
        <ListTable columns={words.columns}>
          {usage.map((each) => (
            <UsageRow key={each.owner} usage={each} onRemove={(opener) => setRemoving({ owner: each.owner, opener })} />
          ))}
        </ListTable>
      )}
      <form onSubmit={look}>
        <HStack wrap="wrap" align="end">
          <Field.Root required maxW="xs">
            <Field.Label>{words.other}</Field.Label>
            <Input name="owner" size="sm" pattern="(user|group|service):.+" title={words.otherHint} placeholder={words.otherHint} autoComplete="off" autoCapitalize="none" />
          </Field.Root>
          <Button type="submit" size="sm" variant="outline" colorPalette="gray">
            {words.look}
          </Button>
        </HStack>
      </form>
      {removing && (
        <RemovalDialog {...removing} onClosed={() => setRemoving(undefined)} />
      )}
    </Section>
  );
}
