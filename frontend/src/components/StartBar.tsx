import { Progress } from "@chakra-ui/react";
import { servers as words } from "../texts/servers";

/** How far a start is, of 100; null while nobody knows. */
export function StartBar({ percent }: { percent: number | null }) {
  return (
    <Progress.Root value={percent} size="sm" width="full" maxW="xl">
      <Progress.Track aria-label={words.progress}>
        <Progress.Range />
      </Progress.Track>
    </Progress.Root>
  );
}
