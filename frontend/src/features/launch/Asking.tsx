import { Stack, Text } from "@chakra-ui/react";
import { FocusedHeading } from "./FocusedHeading";
import { StartBar } from "./StartBar";

/** The service has not answered yet: it waits a moment, as the hub may refuse. */
export function Asking() {
  return (
    <Stack gap="4">
      <FocusedHeading>Starting your server</FocusedHeading>
      <StartBar percent={null} />
      <Text role="status">The hub is asked to start your server.</Text>
    </Stack>
  );
}
