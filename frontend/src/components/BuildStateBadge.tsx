import { Badge } from "@chakra-ui/react";
import type { BuildState } from "../api/types";

const LOOKS: Record<BuildState, { mark: string; colorPalette: string }> = {
  queued: { mark: "…", colorPalette: "gray" },
  building: { mark: "▸", colorPalette: "blue" },
  pushing: { mark: "↑", colorPalette: "blue" },
  succeeded: { mark: "✓", colorPalette: "green" },
  failed: { mark: "✕", colorPalette: "red" },
  cancelled: { mark: "–", colorPalette: "gray" },
};

/** The state as a word and a mark, never by colour alone. */
export function BuildStateBadge({ state }: { state: BuildState }) {
  const { mark, colorPalette } = LOOKS[state];
  return (
    <Badge colorPalette={colorPalette}>
      <span aria-hidden>{mark}</span> {state}
    </Badge>
  );
}
