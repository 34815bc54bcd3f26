import { Code, DataList, Link as StyledLink } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Image } from "../../api/types";
import { Ago } from "../../components/Ago";
import { CommitLink } from "../../components/CommitLink";
import { spokenOwner } from "../../components/spokenOwner";
import { RepositoryLink } from "../../components/RepositoryLink";
import { size } from "../../components/size";
import { When } from "../../components/When";
import { texts } from "../../texts";

/** All that is known of an environment. */
export function Facts({ image }: { image: Image }) {
  const words = texts.image;
  return (
    <DataList.Root orientation="horizontal" gap="3" css={{ "--item-label-width": "sizes.32" }}>
      <Fact label={words.repository}>
        <RepositoryLink repo={image.repo} />
      </Fact>
      {image.ref !== image.commit && (
        <Fact label={words.version}>{image.ref === "HEAD" ? texts.images.defaultBranch : image.ref}</Fact>
      )}
      <Fact label={words.commit}>
        <CommitLink repo={image.repo} commit={image.commit} isWhole />
      </Fact>
      {image.subdir && <Fact label={words.folder}>{image.subdir}</Fact>}
      {image.build_args.length > 0 && <Fact label={words.buildArgs}>{image.build_args.join(", ")}</Fact>}
      <Fact label={words.built}>
        <span>
          <Ago time={image.created_at} /> (<When time={image.created_at} />)
        </span>
      </Fact>
      <Fact label={words.size}>{image.size === null ? texts.images.unknown : size(image.size)}</Fact>
      <Fact label={words.owner}>{spokenOwner(image.owner)}</Fact>
      {image.requested_by && image.requested_by !== image.owner && (
        <Fact label={words.requestedBy}>{spokenOwner(image.requested_by)}</Fact>
      )}
      {image.build_id && (
        <Fact label={words.build}>
          <StyledLink asChild variant="underline">
            <Link href={`/builds/${image.build_id}`}>{words.buildLink}</Link>
          </StyledLink>
        </Fact>
      )}
      <Fact label={words.name}>
        <Code colorPalette="gray" overflowWrap="anywhere">{image.name}</Code>
      </Fact>
      <Fact label={words.digest}>
        <Code colorPalette="gray" overflowWrap="anywhere">{image.digest}</Code>
      </Fact>
    </DataList.Root>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <DataList.Item alignItems="start">
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue overflowWrap="anywhere" minW="0">
        {children}
      </DataList.ItemValue>
    </DataList.Item>
  );
}
