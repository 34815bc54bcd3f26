import { Box, Stack } from "@chakra-ui/react";
import { keys } from "../../texts/keys";
import { KeyList } from "../keys/KeyList";
import { SingleKeysSwitch } from "../keys/SingleKeysSwitch";

/** Which keys do what in a log, and whether single ones do anything. */
export function LogKeys() {
  return (
    <Box asChild textStyle="sm" color="fg.muted">
      <details>
        <Box as="summary" cursor="pointer" minH="6" w="fit-content">
          {keys.ofLog}
        </Box>
        <Stack gap="2" pt="2">
          <SingleKeysSwitch />
          <KeyList group="log" />
        </Stack>
      </details>
    </Box>
  );
}
