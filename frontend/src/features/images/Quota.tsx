import { Alert, Text } from "@chakra-ui/react";
import type { Image, Me } from "../../api/types";
import { sizeTogether } from "../../components/sizeTogether";
import { texts } from "../../texts";

interface Props {
  me: Me;
  /** All that there are. */
  images: readonly Image[];
}

/** How much of what one may keep is used; nothing where there is no limit. */
export function Quota({ me, images }: Props) {
  const words = texts.images;
  const limit = me.limits.images;
  if (limit === 0 || me.owners.length === 0) {
    return null;
  }
  const own = images.filter(({ owner }) => owner === me.owner);
  const used = words.quota(own.length, limit, sizeTogether(own));
  return own.length < limit ? (
    <Text color="fg.muted" mb="4">
      {used}
    </Text>
  ) : (
    <Alert.Root status="warning" mb="4">
      <Alert.Indicator />
      <Alert.Title>
        {used} {words.full}
      </Alert.Title>
    </Alert.Root>
  );
}
