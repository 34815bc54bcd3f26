import { Button, Stack, Text } from "@chakra-ui/react";
import type { Image, Source } from "../../api/types";
import { sentenceOf } from "../../components/sentenceOf";
import { launch as words } from "../../texts/launch";

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
      {isAsking && <Text>{words.asking}</Text>}
      {error && (
        <Text>
          {sentenceOf(error)} {words.unknown}
        </Text>
      )}
      {source && !newer && <Text>{words.newest}</Text>}
      {newer && !source.image && <Text>{words.newer(source.commit.slice(0, 7))}</Text>}
      {newer && source.image && (
        <>
          <Text>{words.newerBuilt(source.commit.slice(0, 7))}</Text>
          <Button size="xs" variant="outline" onClick={() => onChoose(source.image!)}>
            {words.chooseNewer}
          </Button>
        </>
      )}
    </Stack>
  );
}
