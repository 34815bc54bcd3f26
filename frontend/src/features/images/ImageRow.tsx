import { Box, Button, HStack, IconButton, Link, Text } from "@chakra-ui/react";
import { Ellipsis, Play } from "lucide-react";
import { memo } from "react";
import { Link as RouteLink } from "wouter";
import type { Image } from "../../api/types";
import { Ago } from "../../components/Ago";
import { CommitLink } from "../../components/CommitLink";
import { nameOf } from "../../components/forge";
import { ImageBadges } from "../../components/ImageBadges";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { NoServerInside } from "../../components/NoServerInside";
import { RepositoryLink } from "../../components/RepositoryLink";
import { size } from "../../components/size";
import { texts } from "../../texts";

interface Props {
  image: Image;
  index: number;
  measure: ((row: HTMLElement | null) => void) | undefined;
  /** Whether servers are started here at all. */
  mayLaunch: boolean;
  /** Whether there is a column for what is selected. */
  hasChoice: boolean;
  maySelect: boolean;
  isSelected: boolean;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
  onMenu: (image: Image, opener: HTMLElement) => void;
}

export const ImageRow = memo(function ImageRow(props: Props) {
  const { image, index, measure, mayLaunch, hasChoice, maySelect, isSelected, onSelect, onMenu } = props;
  const words = texts.images;
  const name = nameOf(image);
  return (
    <ListRow
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      position={{ base: "relative", md: "static" }}
      bg={isSelected ? "bg.muted" : "transparent"}
    >
      {hasChoice && (
        <ListCell corner>
          {maySelect && (
            <NativeCheckbox
              label={words.select(name)}
              checked={isSelected}
              onChange={(isChecked) => onSelect([image.id], isChecked)}
            />
          )}
        </ListCell>
      )}
      <ListCell>
        <Box minH="6" pe={{ base: hasChoice ? "8" : "0", md: "0" }}>
          <Link asChild fontWeight="semibold" color="fg">
            <RouteLink href={`/images/${image.id}`}>{name}</RouteLink>
          </Link>
        </Box>
        {image.description && (
          <Text textStyle="sm" color="fg.muted" lineClamp="2">
            {image.description}
          </Text>
        )}
        <Text textStyle="sm" color="fg.muted" minH="6">
          <RepositoryLink repo={image.repo} />
          {image.subdir && `, ${words.inFolder(image.subdir)}`}
        </Text>
        <ImageBadges image={image} />
      </ListCell>
      <ListCell label={words.columns.version}>
        {refOf(image)} <CommitLink repo={image.repo} commit={image.commit} />
      </ListCell>
      <ListCell label={words.columns.size} inline>{image.size === null ? words.unknown : size(image.size)}</ListCell>
      <ListCell label={words.columns.built} inline>
        <Ago time={image.created_at} />
      </ListCell>
      <ListCell>
        <HStack gap="1" justify={{ md: "end" }}>
          {mayLaunch && (image.launchable === false ? <NoServerInside /> : <Launch image={image} name={name} />)}
          <IconButton
            size="xs"
            variant="ghost"
            colorPalette="gray"
            aria-haspopup="menu"
            aria-label={words.moreOf(name)}
            onClick={({ currentTarget }) => onMenu(image, currentTarget)}
          >
            <Ellipsis />
          </IconButton>
        </HStack>
      </ListCell>
    </ListRow>
  );
});

function Launch({ image, name }: { image: Image; name: string }) {
  return (
    <Button asChild size="xs" variant="surface">
      <RouteLink href={`/launch?image=${image.id}`} aria-label={texts.images.launchOf(name, image.commit.slice(0, 7))}>
        <Play aria-hidden />
        {texts.images.launch}
      </RouteLink>
    </Button>
  );
}

/** The branch or tag; nothing where a commit was asked for, which is shown anyway. */
function refOf({ ref, commit }: Image): string {
  if (ref === "HEAD") {
    return texts.images.defaultBranch;
  }
  return ref === commit ? "" : ref;
}
