import { CircleCheck, CircleSlash, CircleX, Clock, LoaderCircle, Upload } from "lucide-react";
import type { BuildState } from "../api/types";
import { texts } from "../texts";
import { MarkedBadge } from "./MarkedBadge";

const LOOKS = {
  queued: { mark: Clock, colorPalette: "gray" },
  building: { mark: LoaderCircle, colorPalette: "blue" },
  pushing: { mark: Upload, colorPalette: "blue" },
  succeeded: { mark: CircleCheck, colorPalette: "green" },
  failed: { mark: CircleX, colorPalette: "red" },
  cancelled: { mark: CircleSlash, colorPalette: "gray" },
};

/** The state as a word and a mark. */
export function BuildStateBadge({ state }: { state: BuildState }) {
  return <MarkedBadge {...LOOKS[state]}>{texts.build.states[state]}</MarkedBadge>;
}
