import { Badge } from "@chakra-ui/react";
import { Lock } from "lucide-react";
import { texts } from "../texts";

/** Says that others do not see this. */
export function PrivateBadge() {
  const { private: word, privateHint } = texts.images.badges;
  return (
    <Badge colorPalette="purple" title={privateHint}>
      <Lock size="1em" aria-hidden />
      {word}
    </Badge>
  );
}
