import { Box, Heading, Link, List, SimpleGrid, Span, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Image, Summary } from "../../api/types";
import { Ago } from "../../components/Ago";
import { nameOf } from "../../components/forge";
import { Section } from "../../components/Section";
import { size } from "../../components/size";
import { spokenOwner } from "../../components/spokenOwner";
import { admin } from "../../texts/admin";
import { number } from "../../texts/numbers";
import { Figures } from "./Figures";

const words = admin.images;
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, each) => all + each, 0);

/** How many environments there are, and which of them one looks at first when there are too many. */
export function ImageFigures({ images }: { images: Summary["images"] }) {
  if (!images) {
    return (
      <Section title={words.title}>
        <Text color="fg.muted">{admin.unknown}</Text>
      </Section>
    );
  }
  return (
    <Section title={words.title}>
      <Figures
        figures={[
          { label: words.count, value: number(images.count) },
          { label: words.size, value: size(images.size) },
          { label: words.outdated, value: images.outdated ? number(sum(images.outdated)) : admin.builds.none },
        ]}
      />
      <Text color="fg.muted">{images.partial ? words.partial : words.sizeHint}</Text>
      {images.count > 0 && (
        <SimpleGrid columns={{ base: 1, md: 2 }} gap="6">
          <Those title={words.biggest} images={images.biggest} />
          <Those title={words.oldest} images={images.oldest} />
        </SimpleGrid>
      )}
    </Section>
  );
}

function Those({ title, images }: { title: string; images: readonly Image[] }) {
  return (
    <Box>
      <Heading as="h3" size="sm" mb="2">
        {title}
      </Heading>
      <List.Root as="ol" variant="plain" gap="1" textStyle="sm">
        {images.map((image) => (
          <List.Item key={image.id} display="block" minH="6" overflowWrap="anywhere">
            <Link asChild>
              <RouteLink href={`/images/${image.id}`}>{nameOf(image)}</RouteLink>
            </Link>{" "}
            <Span color="fg.muted">
              {size(image.size)}, {spokenOwner(image.owner)}, <Ago time={image.created_at} />
            </Span>
          </List.Item>
        ))}
      </List.Root>
    </Box>
  );
}
