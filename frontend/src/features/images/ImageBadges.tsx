import { Badge, HStack } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { PrivateBadge } from "../../components/PrivateBadge";

/**
 * What the administrator says of an environment, in a word each, whether others see it, whether it would be built otherwise
 * now, and how it differs from what others build of its repository.
 */
export function ImageBadges({ image }: { image: Image }) {
  const differs = image.build_args.length > 0;
  if (!image.featured && !image.protected && !image.outdated && !image.private && !differs) {
    return null;
  }
  return (
    <HStack gap="1" my="1">
      {image.private && <PrivateBadge />}
      {image.featured && <Badge colorPalette="brand">Featured</Badge>}
      {differs && <Badge colorPalette="orange">Built with {image.build_args.join(", ")}</Badge>}
      {image.outdated && (
        <Badge colorPalette="yellow" title={image.outdated}>
          Outdated
        </Badge>
      )}
      {image.protected && (
        <Badge colorPalette="gray" title="It can be neither deleted nor replaced.">
          Protected
        </Badge>
      )}
    </HStack>
  );
}
