import { Badge, HStack } from "@chakra-ui/react";
import { History, Shield, SlidersHorizontal, Star } from "lucide-react";
import type { Image } from "../api/types";
import { texts } from "../texts";
import { PrivateBadge } from "./PrivateBadge";

/**
 * What the administrator says of an environment, in a word each, whether it would be built otherwise now, who knows of it, and
 * how it differs from what others build of its repository.
 */
export function ImageBadges({ image }: { image: Image }) {
  const words = texts.images.badges;
  const isFeatured = image.featured || image.default;
  const differs = image.build_args.length > 0;
  if (!isFeatured && !image.protected && !image.outdated && !image.private && !differs) {
    return null;
  }
  return (
    <HStack gap="1" my="1" flexWrap="wrap">
      {isFeatured && (
        <Badge colorPalette="brand">
          <Star size="1em" aria-hidden />
          {words.featured}
        </Badge>
      )}
      {image.private && <PrivateBadge />}
      {differs && (
        <Badge colorPalette="orange" whiteSpace="normal" overflowWrap="anywhere">
          <SlidersHorizontal size="1em" aria-hidden />
          {words.differs(image.build_args)}
        </Badge>
      )}
      {image.outdated && (
        <Badge colorPalette="yellow" title={image.outdated}>
          <History size="1em" aria-hidden />
          {words.outdated}
        </Badge>
      )}
      {image.protected && (
        <Badge colorPalette="gray" title={words.protectedHint}>
          <Shield size="1em" aria-hidden />
          {words.protected}
        </Badge>
      )}
    </HStack>
  );
}
