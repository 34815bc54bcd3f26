import { Code, Table, Text } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { size } from "./size";

export function ImageRow({ image }: { image: Image }) {
  return (
    <Table.Row>
      <Table.Cell>
        {image.title && <Text fontWeight="medium">{image.title}</Text>}
        <RepositoryLink repo={image.repo} />
        <Text textStyle="xs" color="fg.muted" overflowWrap="anywhere">
          {image.name}
        </Text>
      </Table.Cell>
      <Table.Cell>
        <Code colorPalette="gray">{image.commit.slice(0, 7)}</Code>
      </Table.Cell>
      <Table.Cell textAlign="end">{image.size === null ? "unknown" : size(image.size)}</Table.Cell>
      <Table.Cell>
        <When time={image.created_at} />
      </Table.Cell>
    </Table.Row>
  );
}
