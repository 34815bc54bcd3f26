import { DataList, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";
import type { Build } from "../../api/types";
import { Ago } from "../../components/Ago";
import { CommitLink } from "../../components/CommitLink";
import { PrivateBadge } from "../../components/PrivateBadge";
import { RepositoryLink } from "../../components/RepositoryLink";
import { spokenOwner } from "../../components/spokenOwner";
import { texts } from "../../texts";
import { useStartWish } from "./useStartWish";

/** What is built, for whom, and since when. */
export function BuildFacts({ build }: { build: Build }) {
  const { repo, ref, commit, subdir, owner, requested_by, created_at, started_at, finished_at } = build;
  const words = texts.build;
  const { path } = useStartWish();
  return (
    <DataList.Root orientation="vertical" size="sm" flexDirection="row" flexWrap="wrap" columnGap="8" rowGap="3" aria-label={words.facts}>
      <Fact label={words.repository}>
        <RepositoryLink repo={repo} />
        {build.private && <PrivateBadge />}
      </Fact>
      <Fact label={words.version}>
        {ref !== commit && (ref === "HEAD" ? words.defaultBranch : ref)}
        <CommitLink repo={repo} commit={commit} />
      </Fact>
      {subdir && <Fact label={words.folder}>{subdir}</Fact>}
      {path && <Fact label={words.opens}>{path}</Fact>}
      <Fact label={words.askedBy}>{words.forOwner(spokenOwner(requested_by), spokenOwner(owner))}</Fact>
      <Fact label={words.begun}>
        <Ago time={started_at ?? created_at} />
      </Fact>
      {started_at && finished_at && (
        <Fact label={words.took}>{words.duration((Date.parse(finished_at) - Date.parse(started_at)) / 1000)}</Fact>
      )}
      {build.repo2docker_image && (
        <Fact label={words.builtWith}>
          <Text title={build.repo2docker_image_id ?? undefined}>{build.repo2docker_image}</Text>
        </Fact>
      )}
    </DataList.Root>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue alignItems="center" gap="1" overflowWrap="anywhere">{children}</DataList.ItemValue>
    </DataList.Item>
  );
}
