import { Badge, type BadgeProps } from "@chakra-ui/react";
import type { LucideIcon } from "lucide-react";

interface Props extends BadgeProps {
  mark: LucideIcon;
}

/** A word with a mark: nothing is told by colour alone. */
export function MarkedBadge({ mark: Mark, children, ...looks }: Props) {
  return (
    <Badge {...looks}>
      <Mark size="1em" aria-hidden />
      {children}
    </Badge>
  );
}
