import { Progress } from "@chakra-ui/react";
import { launch as words } from "../../texts/launch";

/** How far a start is, of 100; null while nobody knows. */
export function StartBar({ percent }: { percent: number | null }) {
  return (
    <Progress.Root value={percent} aria-label={words.progress} size="sm" maxW="xl">
      <Progress.Track>
        <Progress.Range />
      </Progress.Track>
    </Progress.Root>
  );
}
