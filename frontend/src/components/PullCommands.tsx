import { Stack, Text } from "@chakra-ui/react";
import type { Image } from "../api/types";
import { texts } from "../texts";
import { CopyField } from "./CopyField";
import { pulling } from "./pulling";

/** How to get an image elsewhere: what may move on, and what is this image for good. */
export function PullCommands({ image }: { image: Image }) {
  const words = texts.image;
  const commands = pulling(image);
  return (
    <Stack gap="3">
      <Text color="fg.muted">{commands ? words.pullHint : words.notPullable}</Text>
      {commands && <CopyField label={words.pullByName} value={commands.byName} />}
      {commands && <CopyField label={words.pullByDigest} value={commands.byDigest} />}
    </Stack>
  );
}
