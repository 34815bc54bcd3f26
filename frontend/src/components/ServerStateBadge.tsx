import { CircleCheck, CircleStop, LoaderCircle } from "lucide-react";
import type { ServerState } from "../api/types";
import { servers as words } from "../texts/servers";
import { MarkedBadge } from "./MarkedBadge";

const LOOKS = {
  starting: { mark: LoaderCircle, colorPalette: "blue" },
  ready: { mark: CircleCheck, colorPalette: "green" },
  stopping: { mark: LoaderCircle, colorPalette: "gray" },
  stopped: { mark: CircleStop, colorPalette: "gray" },
};

/** The state as a word and a mark. */
export function ServerStateBadge({ state }: { state: ServerState }) {
  return <MarkedBadge {...LOOKS[state]}>{words.states[state]}</MarkedBadge>;
}
