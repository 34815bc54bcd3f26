import { Stack, Text } from "@chakra-ui/react";
import { FocusedHeading } from "./FocusedHeading";
import { StartBar } from "./StartBar";

/** The hub has not answered yet; it takes up to ten seconds, in the hope that the server is ready by then. */
export function Asking() {
  return (
    <Stack gap="4">
      <FocusedHeading>Starting your server</FocusedHeading>
      <StartBar percent={null} />
      <Text role="status">The hub is asked to start your server.</Text>
    </Stack>
  );
}
