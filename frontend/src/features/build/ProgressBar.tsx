import { Box } from "@chakra-ui/react";
import { useState } from "react";
import type { Build } from "../../api/types";
import { texts } from "../../texts";
import { shareOf } from "./phases";

/** How much of a build is done. It never goes back: what was thought to be done may turn out to be less of the whole. */
export function ProgressBar({ build }: { build: Build }) {
  const share = shareOf(build);
  const [highest, setHighest] = useState(0);
  if (share !== null && share > highest) {
    setHighest(share);
  }
  const { step, steps } = build.progress;
  const known = share === null ? {} : { "aria-valuenow": Math.round(highest * 100), "aria-valuetext": texts.build.step(step, steps) };
  return (
    <Box
      role="progressbar"
      aria-label={texts.build.progress}
      aria-valuemin={0}
      aria-valuemax={100}
      {...known}
      height="2"
      borderRadius="full"
      bg="bg.emphasized"
      overflow="hidden"
      _highContrast={{ borderWidth: "1px" }}
    >
      <Box
        height="full"
        bg="brand.solid"
        borderRadius="full"
        transition="width"
        _motionReduce={{ transition: "none", animation: "none" }}
        _highContrast={{ bg: "Highlight" }}
        {...(share === null && { animation: "pulse" })}
        style={{ width: share === null ? "100%" : `${highest * 100}%` }}
      />
    </Box>
  );
}
