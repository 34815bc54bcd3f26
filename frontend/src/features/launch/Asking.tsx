import { Stack, Text } from "@chakra-ui/react";
import { launch as words } from "../../texts/launch";
import { FocusedHeading } from "./FocusedHeading";
import { StartBar } from "./StartBar";

/** The service has not answered yet: it waits a moment, as the hub may refuse. */
export function Asking() {
  return (
    <Stack gap="4">
      <FocusedHeading>{words.startingTitle}</FocusedHeading>
      <StartBar percent={null} />
      <Text role="status">{words.asked}</Text>
    </Stack>
  );
}
