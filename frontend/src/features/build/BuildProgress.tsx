import { HStack, Stack, Text } from "@chakra-ui/react";
import type { Build } from "../../api/types";
import { isActive } from "../../operations/builds";
import { texts } from "../../texts";
import { Phases } from "./Phases";
import { ProgressBar } from "./ProgressBar";
import { useNow } from "./useNow";

/** How far a build is, and how long it may take. */
export function BuildProgress({ build }: { build: Build }) {
  return (
    <Stack gap="2">
      <Phases build={build} />
      {isActive(build) && (
        <>
          {build.state !== "queued" && <ProgressBar build={build} />}
          <HStack justify="space-between" wrap="wrap" textStyle="sm" color="fg.muted" gap="4">
            <Text>{whereItIs(build)}</Text>
            {build.state === "queued" && build.estimated_seconds != null && <Text>{texts.build.usually(build.estimated_seconds)}</Text>}
            {build.started_at && <Times began={build.started_at} estimate={build.estimated_seconds ?? null} />}
          </HStack>
        </>
      )}
    </Stack>
  );
}

/** What happens now, in words. */
export function whereItIs({ state, queue_position, progress: { step, steps } }: Build): string {
  const { build } = texts;
  if (state === "queued") {
    return queue_position ? build.ahead(queue_position) : build.waiting;
  }
  return state === "building" && steps > 0 ? build.step(step, steps) : build.states[state];
}

/** It ticks for the eyes only: nobody wants to hear the seconds. */
function Times({ began, estimate }: { began: string; estimate: number | null }) {
  const now = useNow(true);
  // Clocks differ.
  const elapsed = Math.max(0, (now - Date.parse(began)) / 1000);
  return (
    <Text>
      {texts.build.elapsed(elapsed)}
      {estimate !== null && (elapsed < estimate ? `, ${texts.build.left(estimate - elapsed)}` : `. ${texts.build.slow(estimate)}`)}
    </Text>
  );
}
