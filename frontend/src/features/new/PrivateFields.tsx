import { Button, Field, Flex, Input, Stack, Text } from "@chakra-ui/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  /** Whether the repository does not open without. */
  isNeeded: boolean;
  /** Looks the repository up with what is given; missing while there is none. */
  onCheck: (() => void) | undefined;
}

/** What opens a private repository. While it is closed there are no fields, so nothing of them is sent. */
export function PrivateFields({ isNeeded, onCheck }: Props) {
  const [chosen, setChosen] = useState<boolean>();
  const [wasNeeded, setWasNeeded] = useState(isNeeded);
  if (isNeeded && !wasNeeded) {
    setWasNeeded(true); // once open it stays open when the right ones are given
  }
  const isOpen = chosen ?? wasNeeded;
  return (
    <Stack gap="3">
      <Button alignSelf="start" size="sm" variant="ghost" colorPalette="gray" px="1" aria-expanded={isOpen} onClick={() => setChosen(!isOpen)}>
        {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        {words.privateOpen}
      </Button>
      {isOpen && (
        <>
          <Flex gap="4" wrap="wrap" align="end">
            <Field.Root flex="1 1 10rem">
              <Field.Label>{words.userName}</Field.Label>
              <Input name="username" type="text" autoComplete="off" autoCapitalize="none" placeholder={words.notForToken} />
            </Field.Root>
            <Field.Root required flex="1 1 10rem">
              <Field.Label>{words.password}</Field.Label>
              <Input name="password" type="password" autoComplete="new-password" />
            </Field.Root>
            {onCheck && (
              <Button variant="outline" colorPalette="gray" onClick={onCheck}>
                {words.check}
              </Button>
            )}
          </Flex>
          <Text textStyle="sm" color="fg.muted">
            {words.privateHint}
          </Text>
        </>
      )}
    </Stack>
  );
}
