import { Badge, HStack } from "@chakra-ui/react";
import type { Image } from "../../api/types";

/** What the administrator says of an environment, in a word each. */
export function ImageBadges({ image }: { image: Image }) {
  if (!image.featured && !image.protected) {
    return null;
  }
  return (
    <HStack gap="1" my="1">
      {image.featured && <Badge colorPalette="brand">Featured</Badge>}
      {image.protected && (
        <Badge colorPalette="gray" title="It can be neither deleted nor replaced.">
          Protected
        </Badge>
      )}
    </HStack>
  );
}
