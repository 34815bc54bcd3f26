import { Code, DataList, Heading, Stack, Text } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { ImageBadges } from "../../components/ImageBadges";

/** What would start. */
export function ChosenImage({ image }: { image: Image }) {
  return (
    <Stack borderWidth="1px" borderRadius="md" p="4" gap="3">
      {image.title && (
        <Heading as="h2" size="md">
          {image.title}
        </Heading>
      )}
      {image.description && <Text color="fg.muted">{image.description}</Text>}
      <ImageBadges image={image} />
      <DataList.Root orientation="horizontal" size="md">
        <DataList.Item>
          <DataList.ItemLabel>Repository</DataList.ItemLabel>
          <DataList.ItemValue>
            <RepositoryLink repo={image.repo} />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Version</DataList.ItemLabel>
          <DataList.ItemValue gap="2" flexWrap="wrap" overflowWrap="anywhere">
            {refWords(image)}
            <Code colorPalette="gray">{image.commit.slice(0, 7)}</Code>
          </DataList.ItemValue>
        </DataList.Item>
        {image.subdir && (
          <DataList.Item>
            <DataList.ItemLabel>Folder</DataList.ItemLabel>
            <DataList.ItemValue overflowWrap="anywhere">{image.subdir}</DataList.ItemValue>
          </DataList.Item>
        )}
        <DataList.Item>
          <DataList.ItemLabel>Built</DataList.ItemLabel>
          <DataList.ItemValue>
            <When time={image.created_at} />
          </DataList.ItemValue>
        </DataList.Item>
      </DataList.Root>
    </Stack>
  );
}

/** The branch or tag; nothing where a commit was asked for, which is shown anyway. */
function refWords({ ref, commit }: Image): string {
  if (ref === "HEAD") {
    return "default branch";
  }
  return ref === commit ? "" : ref;
}
