import { Badge } from "@chakra-ui/react";
import type { ServerState } from "../../api/types";

const LOOKS: Record<ServerState, { mark: string; colorPalette: string }> = {
  starting: { mark: "▸", colorPalette: "blue" },
  ready: { mark: "✓", colorPalette: "green" },
  stopping: { mark: "↓", colorPalette: "gray" },
  stopped: { mark: "–", colorPalette: "gray" },
};

/** The state as a word and a mark, never by colour alone. */
export function ServerStateBadge({ state }: { state: ServerState }) {
  const { mark, colorPalette } = LOOKS[state];
  return (
    <Badge colorPalette={colorPalette}>
      <span aria-hidden>{mark}</span> {state}
    </Badge>
  );
}
