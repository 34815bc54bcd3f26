import { Text } from "@chakra-ui/react";
import type { Build } from "../../api/types";
import { texts } from "../../texts";
import type { LogState } from "./LogStore";
import type { Section } from "./section";
import { useSilence } from "./useSilence";
import { useStepBefore } from "./useStepBefore";

/** Steps that say nothing for so many seconds make people doubt. */
const LONG = 30;

interface Props {
  build: Build;
  log: LogState;
}

/** Says below a log that goes on, in which nothing comes, that this is as it should be. */
export function Silence({ build, log: { last, phase, sections } }: Props) {
  const seconds = useSilence(last, phase === "live");
  const section = sections.at(-1);
  return seconds >= LONG && section ? <StillWorking build={build} section={section} seconds={seconds} /> : null;
}

function StillWorking({ build, section, seconds }: { build: Build; section: Section; seconds: number }) {
  const before = useStepBefore(build, section);
  const { log } = texts;
  return (
    <Text px="4" py="2" borderTopWidth="1px" textStyle="sm" color="gray.300">
      {before === undefined ? log.quiet(seconds) : log.slowStep(before)}
    </Text>
  );
}
