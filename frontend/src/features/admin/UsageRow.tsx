import { Badge, Button, Link } from "@chakra-ui/react";
import { Gauge } from "lucide-react";
import { Link as RouteLink } from "wouter";
import type { Usage } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { size } from "../../components/size";
import { nameIn, spokenOwner } from "../../components/spokenOwner";
import { admin } from "../../texts/admin";

const words = admin.usage;

interface Props {
  usage: Usage;
  onRemove: (opener: HTMLElement) => void;
}

export function UsageRow({ usage, onRemove }: Props) {
  const name = spokenOwner(usage.owner);
  return (
    <ListRow>
      <ListCell>
        <Link asChild fontWeight="medium" color="fg" minH="6">
          <RouteLink href={`/builds?${new URLSearchParams({ whose: usage.owner })}`}>{name}</RouteLink>
        </Link>
      </ListCell>
      <ListCell label={words.columns.builds} inline>
        {words.of(usage.builds, usage.builds_limit)} <Full count={usage.builds} limit={usage.builds_limit} />
      </ListCell>
      <ListCell label={words.columns.images} inline>
        <Link asChild color="fg" minH="6" variant="underline">
          <RouteLink href={`/?${new URLSearchParams({ q: nameIn(usage.owner) })}`} aria-label={words.imagesOf(words.of(usage.images, usage.images_limit), name)}>
            {words.of(usage.images, usage.images_limit)}
          </RouteLink>
        </Link>{" "}
        <Full count={usage.images} limit={usage.images_limit} />
      </ListCell>
      <ListCell label={words.columns.size} inline>{size(usage.size)}</ListCell>
      <ListCell>
        <Button
          size="xs"
          variant="outline"
          colorPalette="red"
          aria-label={words.removeOf(name)}
          onClick={({ currentTarget }) => onRemove(currentTarget)}
        >
          {words.remove}
        </Button>
      </ListCell>
    </ListRow>
  );
}

function Full({ count, limit }: { count: number; limit: number }) {
  return limit > 0 && count >= limit ? (
    <Badge colorPalette="red">
      <Gauge size="1em" aria-hidden />
      {words.full}
    </Badge>
  ) : null;
}
