import { Badge } from "@chakra-ui/react";
import { CircleCheck, CircleStop, LoaderCircle } from "lucide-react";
import type { ServerState } from "../api/types";
import { servers as words } from "../texts/servers";

const LOOKS = {
  starting: { Mark: LoaderCircle, colorPalette: "blue" },
  ready: { Mark: CircleCheck, colorPalette: "green" },
  stopping: { Mark: LoaderCircle, colorPalette: "gray" },
  stopped: { Mark: CircleStop, colorPalette: "gray" },
};

/** The state as a word and a mark, never by colour alone. */
export function ServerStateBadge({ state }: { state: ServerState }) {
  const { Mark, colorPalette } = LOOKS[state];
  return (
    <Badge colorPalette={colorPalette}>
      <Mark size="1em" aria-hidden /> {words.states[state]}
    </Badge>
  );
}
