import { Button, Code, Text } from "@chakra-ui/react";
import type { Image } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { ImageBadges } from "../../components/ImageBadges";
import { NoServerInside } from "../../components/NoServerInside";
import { size } from "../../components/size";

interface Props {
  image: Image;
  /** Whether servers are started here at all. */
  mayLaunch: boolean;
}

export function ImageRow({ image, mayLaunch }: Props) {
  return (
    <ListRow>
      <ListCell>
        {image.title && <Text fontWeight="medium">{image.title}</Text>}
        <RepositoryLink repo={image.repo} />
        <ImageBadges image={image} />
        {image.description && (
          <Text textStyle="sm" color="fg.muted" maxW={{ md: "xl" }}>
            {image.description}
          </Text>
        )}
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
      {mayLaunch && <ListCell>{image.launchable === false ? <NoServerInside /> : <LaunchLink image={image} />}</ListCell>}
    </ListRow>
  );
}

function LaunchLink({ image }: { image: Image }) {
  return (
    <Button asChild size="xs" variant="surface">
      <a href={`launch?image=${image.id}`} aria-label={`Launch ${image.title || image.repo} ${image.commit.slice(0, 7)}`}>
        Launch
      </a>
    </Button>
  );
}
