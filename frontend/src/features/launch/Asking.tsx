import { Stack, Text } from "@chakra-ui/react";
import { StartBar } from "../../components/StartBar";
import { launch as words } from "../../texts/launch";
import { FocusedHeading } from "./FocusedHeading";

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
