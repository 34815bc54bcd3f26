import { Button, HStack, Stack, Text } from "@chakra-ui/react";
import { CommitLink } from "../../components/CommitLink";
import { PrivateBadge } from "../../components/PrivateBadge";
import { RepositoryLink } from "../../components/RepositoryLink";
import type { FoundSource as Found } from "../../operations/useSource";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  found: Found;
  path: string;
  subdir: string;
  /** Whether the path is a folder, from which it could be built as well. */
  isFolder: boolean;
  onSubdir: (subdir: string) => void;
}

/** What would be built. */
export function FoundSource({ found: { source, ref }, path, subdir, isFolder, onSubdir }: Props) {
  return (
    <Stack gap="2" borderWidth="1px" borderRadius="md" bg="bg.subtle" px="4" py="3" textStyle="sm">
      <HStack gap="2" wrap="wrap" overflowWrap="anywhere">
        <RepositoryLink repo={source.repo} />
        <Text>{ref || words.defaultBranch}</Text>
        <CommitLink repo={source.repo} commit={source.commit} />
        {source.private && <PrivateBadge />}
      </HStack>
      {source.private && <Text color="fg.muted">{words.isPrivate}</Text>}
      {path && (
        <HStack wrap="wrap">
          <Text overflowWrap="anywhere">{words.opens(path)}</Text>
          {isFolder && (
            <Button size="xs" variant="outline" colorPalette="gray" onClick={() => onSubdir(path)}>
              {words.buildFrom(path)}
            </Button>
          )}
        </HStack>
      )}
      {subdir && (
        <HStack wrap="wrap">
          <Text overflowWrap="anywhere">{words.buildsFrom(subdir)}</Text>
          <Button size="xs" variant="outline" colorPalette="gray" onClick={() => onSubdir("")}>
            {words.buildFromTop}
          </Button>
        </HStack>
      )}
    </Stack>
  );
}
