import { HStack } from "@chakra-ui/react";
import { History, Shield, SlidersHorizontal, Star, TriangleAlert } from "lucide-react";
import type { Image } from "../api/types";
import { texts } from "../texts";
import { MarkedBadge } from "./MarkedBadge";
import { PrivateBadge } from "./PrivateBadge";

/**
 * What the administrator says of an environment, in a word each, whether it would be built otherwise now or is not what was
 * built, who knows of it, and how it differs from what others build of its repository.
 */
export function ImageBadges({ image }: { image: Image }) {
  const words = texts.images.badges;
  const isFeatured = image.featured || image.default;
  const differs = image.build_args.length > 0;
  if (!isFeatured && !image.protected && !image.outdated && !image.changed_outside && !image.private && !differs) {
    return null;
  }
  return (
    <HStack gap="1" my="1" flexWrap="wrap">
      {isFeatured && (
        <MarkedBadge mark={Star} colorPalette="brand">
          {words.featured}
        </MarkedBadge>
      )}
      {image.private && <PrivateBadge />}
      {differs && (
        <MarkedBadge mark={SlidersHorizontal} colorPalette="orange" whiteSpace="normal" overflowWrap="anywhere">
          {words.differs(image.build_args)}
        </MarkedBadge>
      )}
      {image.outdated && (
        <MarkedBadge mark={History} colorPalette="yellow" title={image.outdated}>
          {words.outdated}
        </MarkedBadge>
      )}
      {image.changed_outside && (
        <MarkedBadge mark={TriangleAlert} colorPalette="red" title={texts.images.replacedHint}>
          {words.replaced}
        </MarkedBadge>
      )}
      {image.protected && (
        <MarkedBadge mark={Shield} colorPalette="gray" title={words.protectedHint}>
          {words.protected}
        </MarkedBadge>
      )}
    </HStack>
  );
}
