import { Progress, Stack, Text } from "@chakra-ui/react";
import { admin } from "../../texts/admin";

const words = admin.rebuilds;

/** How many of those that were to be built again are done. */
export function RebuildProgress({ done, total }: { done: number; total: number }) {
  return (
    <Stack gap="1" maxW="xl">
      <Progress.Root value={done} max={total} size="sm">
        <Progress.Track aria-label={words.progress}>
          <Progress.Range />
        </Progress.Track>
      </Progress.Root>
      <Text role="status" textStyle="sm">
        {words.done(done, total)}
      </Text>
    </Stack>
  );
}
