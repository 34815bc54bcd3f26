import { DataList, Heading, Stack, Text } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { Ago } from "../../components/Ago";
import { CommitLink } from "../../components/CommitLink";
import { RepositoryLink } from "../../components/RepositoryLink";
import { ImageBadges } from "../../components/ImageBadges";
import { ReplacedNote } from "../../components/ReplacedNote";
import { OutdatedNote } from "../../components/OutdatedNote";
import { spokenRef } from "../../components/spokenRef";
import { launch as words } from "../../texts/launch";

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
      {image.changed_outside && <ReplacedNote />}
      {image.outdated && <OutdatedNote why={image.outdated} advice={words.startsAllTheSame} />}
      <DataList.Root orientation="horizontal" size="md">
        <DataList.Item>
          <DataList.ItemLabel>{words.repository}</DataList.ItemLabel>
          <DataList.ItemValue>
            <RepositoryLink repo={image.repo} />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>{words.version}</DataList.ItemLabel>
          <DataList.ItemValue gap="2" flexWrap="wrap" overflowWrap="anywhere">
            {spokenRef(image)}
            <CommitLink repo={image.repo} commit={image.commit} />
          </DataList.ItemValue>
        </DataList.Item>
        {image.subdir && (
          <DataList.Item>
            <DataList.ItemLabel>{words.folder}</DataList.ItemLabel>
            <DataList.ItemValue overflowWrap="anywhere">{image.subdir}</DataList.ItemValue>
          </DataList.Item>
        )}
        <DataList.Item>
          <DataList.ItemLabel>{words.built}</DataList.ItemLabel>
          <DataList.ItemValue>
            <Ago time={image.created_at} />
          </DataList.ItemValue>
        </DataList.Item>
      </DataList.Root>
    </Stack>
  );
}
