import { Lock } from "lucide-react";
import { texts } from "../texts";
import { MarkedBadge } from "./MarkedBadge";

/** Says that others do not see this. */
export function PrivateBadge() {
  const { private: word, privateHint } = texts.images.badges;
  return (
    <MarkedBadge mark={Lock} colorPalette="purple" title={privateHint}>
      {word}
    </MarkedBadge>
  );
}
