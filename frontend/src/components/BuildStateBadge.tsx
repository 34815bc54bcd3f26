import { Badge } from "@chakra-ui/react";
import { CircleCheck, CircleSlash, CircleX, Clock, LoaderCircle, Upload } from "lucide-react";
import type { BuildState } from "../api/types";
import { texts } from "../texts";

const LOOKS = {
  queued: { Mark: Clock, colorPalette: "gray" },
  building: { Mark: LoaderCircle, colorPalette: "blue" },
  pushing: { Mark: Upload, colorPalette: "blue" },
  succeeded: { Mark: CircleCheck, colorPalette: "green" },
  failed: { Mark: CircleX, colorPalette: "red" },
  cancelled: { Mark: CircleSlash, colorPalette: "gray" },
};

/** The state as a word and a mark, never by colour alone. */
export function BuildStateBadge({ state }: { state: BuildState }) {
  const { Mark, colorPalette } = LOOKS[state];
  return (
    <Badge colorPalette={colorPalette}>
      <Mark size="1em" aria-hidden /> {texts.build.states[state]}
    </Badge>
  );
}
