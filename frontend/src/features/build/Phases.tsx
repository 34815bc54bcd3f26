import { HStack, Text, VisuallyHidden } from "@chakra-ui/react";
import { Ban, Check, Circle, CircleDot, type LucideIcon, X } from "lucide-react";
import type { Build } from "../../api/types";
import { texts } from "../../texts";
import { type PhaseState, phasesOf } from "./phases";

const LOOKS: Record<PhaseState, { Icon: LucideIcon; color: string }> = {
  done: { Icon: Check, color: "green.fg" },
  current: { Icon: CircleDot, color: "brand.fg" },
  failed: { Icon: X, color: "red.fg" },
  stopped: { Icon: Ban, color: "fg.muted" },
  waiting: { Icon: Circle, color: "fg.muted" },
};

/** Where the build is on its way. */
export function Phases({ build }: { build: Build }) {
  return (
    <HStack as="ol" aria-label={texts.build.phases} listStyleType="none" columnGap={{ base: "2", md: "4" }} rowGap="1" wrap="wrap">
      {phasesOf(build).map(({ phase, state }) => {
        const { Icon, color } = LOOKS[state];
        return (
          <HStack key={phase} as="li" gap="1" color={color} aria-current={state === "current" ? "step" : undefined}>
            <Icon aria-hidden size="1em" />
            <Text textStyle="sm" fontWeight={state === "current" || state === "failed" ? "semibold" : "normal"}>
              {texts.build.phase[phase]}
            </Text>
            <VisuallyHidden>, {texts.build.phaseStates[state]}</VisuallyHidden>
          </HStack>
        );
      })}
    </HStack>
  );
}
