import { Badge } from "@chakra-ui/react";

/** Says that others do not see this. */
export function PrivateBadge() {
  return (
    <Badge colorPalette="purple" title="Only its owner sees it; where that is a group, its members.">
      Private
    </Badge>
  );
}
