import { Button, Field, Flex, Input, Text } from "@chakra-ui/react";
import { useState } from "react";

/** What opens a private repository. While it is closed there are no fields, so nothing of them is sent. */
export function PrivateFields() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button alignSelf="start" size="xs" variant="outline" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Private repository
      </Button>
      {isOpen && (
        <>
          <Flex gap="4" wrap="wrap">
            <Field.Root flex="1 1 10rem">
              <Field.Label>User name</Field.Label>
              <Input name="username" type="text" autoComplete="off" autoCapitalize="none" placeholder="not for a token" />
            </Field.Root>
            <Field.Root required flex="1 1 10rem">
              <Field.Label>Password or token</Field.Label>
              <Input name="password" type="password" autoComplete="new-password" />
            </Field.Root>
          </Flex>
          <Text textStyle="sm" color="fg.muted">
            They open this address, for this build alone, and are kept nowhere. Others do not see what is built.
          </Text>
        </>
      )}
    </>
  );
}
