import { Code, Text } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { size } from "./size";

export function ImageRow({ image }: { image: Image }) {
  return (
    <ListRow>
      <ListCell>
        {image.title && <Text fontWeight="medium">{image.title}</Text>}
        <RepositoryLink repo={image.repo} />
        <Text textStyle="xs" color="fg.muted">
          {image.name}
        </Text>
      </ListCell>
      <ListCell label="Commit">
        <Code colorPalette="gray">{image.commit.slice(0, 7)}</Code>
      </ListCell>
      <ListCell label="Size">{image.size === null ? "unknown" : size(image.size)}</ListCell>
      <ListCell label="Built">
        <When time={image.created_at} />
      </ListCell>
    </ListRow>
  );
}
