import { Box, Button, Link, Span, Text } from "@chakra-ui/react";
import { CircleStop } from "lucide-react";
import { Link as RouteLink } from "wouter";
import type { Build, Me } from "../../api/types";
import { Ago } from "../../components/Ago";
import { BuildStateBadge } from "../../components/BuildStateBadge";
import { CommitLink } from "../../components/CommitLink";
import { nameOf } from "../../components/forge";
import { howFar } from "../../components/howFar";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { PrivateBadge } from "../../components/PrivateBadge";
import { RepositoryLink } from "../../components/RepositoryLink";
import { spokenOwner } from "../../components/spokenOwner";
import { isActive } from "../../operations/builds";
import { mayCancel } from "../../operations/rights";
import { texts } from "../../texts";
import { builds as words } from "../../texts/builds";

interface Props {
  me: Me;
  build: Build;
  onCancel: (build: Build, opener: HTMLElement) => void;
}

export function BuildRow({ me, build, onCancel }: Props) {
  const { id, repo, ref, commit, subdir, state, owner, requested_by, created_at } = build;
  const name = nameOf(build);
  // What the log tells is more than the general words.
  const says = build.cause?.advice ?? (build.message || howFar(build));
  return (
    <ListRow>
      <ListCell>
        <Box minH="6">
          <Link asChild fontWeight="semibold" color="fg">
            <RouteLink href={`/builds/${id}`}>{name}</RouteLink>
          </Link>{" "}
          {build.private && <PrivateBadge />}
        </Box>
        <Text textStyle="sm" color="fg.muted" minH="6">
          <RepositoryLink repo={repo} />
          {subdir && `, ${texts.images.inFolder(subdir)}`}
        </Text>
      </ListCell>
      <ListCell label={words.columns.version}>
        {ref !== commit && (ref === "HEAD" ? texts.build.defaultBranch : ref)} <CommitLink repo={repo} commit={commit} />
      </ListCell>
      <ListCell label={words.columns.state}>
        <BuildStateBadge state={state} />
        {says && (
          <Text textStyle="sm" color="fg.muted" mt="1" maxW={{ md: "xs" }} lineClamp="2" title={says}>
            {says}
          </Text>
        )}
      </ListCell>
      <ListCell label={words.columns.askedBy} inline>
        {texts.build.forOwner(spokenOwner(requested_by), spokenOwner(owner))}
      </ListCell>
      <ListCell label={words.columns.begun} inline>
        <Span whiteSpace="nowrap">
          <Ago time={created_at} />
        </Span>
      </ListCell>
      <ListCell>
        {isActive(build) && mayCancel(me, build) && (
          <Button
            size="xs"
            variant="outline"
            colorPalette="gray"
            aria-label={words.cancelOf(name)}
            onClick={({ currentTarget }) => onCancel(build, currentTarget)}
          >
            <CircleStop aria-hidden />
            {words.cancel}
          </Button>
        )}
      </ListCell>
    </ListRow>
  );
}
