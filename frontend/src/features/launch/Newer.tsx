import { Button, Stack, Text } from "@chakra-ui/react";
import type { Image, Source } from "../../api/types";
import { Problem } from "../../api/problem";

interface Props {
  image: Image;
  /** What the repository holds now, as far as that is known. */
  source: Source | undefined;
  error: Error | null;
  isAsking: boolean;
  onChoose: (image: Image) => void;
}

/** Says whether the repository holds something newer than what would start. */
export function Newer({ image, source, error, isAsking, onChoose }: Props) {
  const newer = source && source.commit !== image.commit;
  return (
    <Stack role="status" gap="2" align="start" color="fg.muted" overflowWrap="anywhere">
      {isAsking && <Text>Asking the repository whether there is something newer…</Text>}
      {error && (
        <Text>
          {error instanceof Problem ? error.sentence : "The service cannot be reached."} So nobody knows whether there is
          something newer. What is built can be started all the same.
        </Text>
      )}
      {source && !newer && <Text>This is the newest version.</Text>}
      {newer && !source.image && <Text>The repository holds something newer: {source.commit.slice(0, 7)}.</Text>}
      {newer && source.image && (
        <>
          <Text>The repository holds something newer, which is built too: {source.commit.slice(0, 7)}.</Text>
          <Button size="xs" variant="outline" onClick={() => onChoose(source.image!)}>
            Choose the newer one
          </Button>
        </>
      )}
    </Stack>
  );
}
