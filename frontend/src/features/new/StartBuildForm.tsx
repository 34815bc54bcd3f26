import { Button, Field, Flex, Input, Stack, Text } from "@chakra-ui/react";
import type { FormEvent, MouseEvent } from "react";
import type { Build } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { OwnerChooser } from "./OwnerChooser";
import { PrivateFields } from "./PrivateFields";
import { takeCredentials } from "./takeCredentials";
import { useStartBuild } from "../../operations/useStartBuild";

interface Props {
  /** For whom one may build; at least one. */
  owners: readonly string[];
}

export function StartBuildForm({ owners }: Props) {
  const start = useStartBuild();
  const wish = start.variables;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault(); // what was typed stays in the fields when the service refuses it
    const form = new FormData(event.currentTarget);
    const ref = String(form.get("ref")).trim();
    const owner = String(form.get("owner") ?? owners[0]);
    const wish = { repo: String(form.get("repo")).trim(), owner, ...(ref && { ref }) };
    start.begin(wish, takeCredentials(event.currentTarget));
  };
  const insist = ({ currentTarget: { form } }: MouseEvent<HTMLButtonElement>) => {
    if (wish && form?.reportValidity()) {
      start.begin({ ...wish, force: true }, takeCredentials(form));
    }
  };
  return (
    <Section title="New environment">
      <Stack asChild gap="4">
        <form onSubmit={submit}>
          <Flex gap="4" wrap="wrap" align="end">
            <Field.Root required flex="3 1 20rem">
              <Field.Label>Repository address</Field.Label>
              <Input name="repo" type="text" inputMode="url" placeholder="https://github.com/owner/name" />
            </Field.Root>
            <Field.Root flex="1 1 10rem">
              <Field.Label>Branch, tag or commit</Field.Label>
              <Input name="ref" type="text" placeholder="default branch" autoCapitalize="none" />
            </Field.Root>
            {owners.length > 1 && <OwnerChooser owners={owners} />}
            <Button type="submit" loading={start.isPending}>
              Build
            </Button>
          </Flex>
          <PrivateFields />
          {start.error && <ProblemAlert error={start.error} />}
          {start.data && <Text role="status">{outcome(start.data)}</Text>}
          {start.data?.state === "failed" && wish && (
            <Button alignSelf="start" size="sm" variant="outline" onClick={insist}>
              Build it anyway
            </Button>
          )}
        </form>
      </Stack>
    </Section>
  );
}

function outcome(build: Build): string {
  if (build.reused) {
    return "This commit is built already: its environment is in the list.";
  }
  if (build.state === "failed") {
    return "This failed a moment ago, and would fail again. Its log, in the list, says why.";
  }
  return build.joined ? "Somebody is building this already: you joined that build." : "The build is on its way.";
}
