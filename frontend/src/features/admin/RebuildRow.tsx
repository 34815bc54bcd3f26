import { HStack, Link, Text } from "@chakra-ui/react";
import { CircleSlash, Clock, LoaderCircle } from "lucide-react";
import { Link as RouteLink } from "wouter";
import type { Rebuild } from "../../api/types";
import { nameOf } from "../../components/forge";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { spokenOwner } from "../../components/spokenOwner";
import { admin } from "../../texts/admin";

const words = admin.rebuilds;
const MARKS = { "under-way": LoaderCircle, waiting: Clock, skipped: CircleSlash };

export function RebuildRow({ rebuild: { image, state, build_id, why_skipped } }: { rebuild: Rebuild }) {
  const Mark = MARKS[state];
  return (
    <ListRow>
      <ListCell>
        <Link asChild fontWeight="medium" color="fg" minH="6">
          <RouteLink href={`/images/${image.id}`}>{nameOf(image)}</RouteLink>
        </Link>
        <Text textStyle="sm" color="fg.muted">
          {image.commit.slice(0, 7)}, {spokenOwner(image.owner)}
        </Text>
      </ListCell>
      <ListCell label={words.columns.state}>
        <HStack as="span" display="inline-flex" gap="1">
          <Mark size="1em" aria-hidden />
          {build_id ? (
            <Link asChild variant="underline">
              <RouteLink href={`/builds/${build_id}`}>{words.states[state]}</RouteLink>
            </Link>
          ) : (
            words.states[state]
          )}
        </HStack>
      </ListCell>
      <ListCell label={words.columns.why}>{why_skipped ?? image.outdated}</ListCell>
    </ListRow>
  );
}
