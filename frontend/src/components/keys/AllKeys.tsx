import { Heading, Stack, Text } from "@chakra-ui/react";
import { type KeyGroup, keys } from "../../texts/keys";
import { KeyList } from "./KeyList";
import { SingleKeysSwitch } from "./SingleKeysSwitch";

const GROUPS = Object.keys(keys.groups) as KeyGroup[];

/** Every shortcut, and whether single keys do anything. */
export function AllKeys() {
  return (
    <Stack gap="5">
      <Text>{keys.hint}</Text>
      <SingleKeysSwitch />
      {GROUPS.map((group) => (
        <Stack key={group} as="section" gap="2">
          <Heading as="h3" size="sm">
            {keys.groups[group].title}
          </Heading>
          <KeyList group={group} />
        </Stack>
      ))}
    </Stack>
  );
}
