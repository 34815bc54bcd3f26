import { Button, Text } from "@chakra-ui/react";
import { Pencil, RotateCcw } from "lucide-react";
import { Link, useLocation } from "wouter";
import type { Build, BuildWish, Me } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useNewestCommit } from "../../operations/useNewestCommit";
import { useStartBuild } from "../../operations/useStartBuild";
import { texts } from "../../texts";

const FIRST = { colorPalette: "brand" } as const;
const SECOND = { variant: "outline", colorPalette: "gray" } as const;

/** What somebody may do about a build that did not succeed, for those who may build. */
export function NextActions({ build, me }: { build: Build; me: Me }) {
  const mayBuild = me.owners.length > 0;
  const newest = useNewestCommit(build, mayBuild);
  const [, go] = useLocation();
  const start = useStartBuild();
  if (!mayBuild) {
    return null;
  }
  const { ref, commit } = build;
  const hasMoved = newest !== undefined && newest !== commit;
  const begin = (changes: Partial<BuildWish>) =>
    start.mutate({ ...wishOf(build, me), ...changes }, { onSuccess: ({ id }) => id !== build.id && go(`/builds/${id}`) });
  const words = texts.build;
  return (
    <>
      {hasMoved && (
        <Button size="sm" {...FIRST} onClick={() => begin({})} loading={start.isPending}>
          <RotateCcw aria-hidden /> {words.newest(ref === "HEAD" ? words.defaultBranch : ref)}
        </Button>
      )}
      <Button
        size="sm"
        // Of a branch that has moved on, exactly this commit is meant; else what is built keeps the branch's name.
        onClick={() => begin({ force: true, ...(hasMoved && { ref: commit }) })}
        loading={start.isPending}
        {...(hasMoved ? SECOND : FIRST)}
      >
        <RotateCcw aria-hidden /> {hasMoved ? words.tryCommit(commit.slice(0, 7)) : words.tryAgain}
      </Button>
      <Button asChild size="sm" {...SECOND}>
        <Link href={`/new?${prefill(build)}`}>
          <Pencil aria-hidden /> {words.change}
        </Link>
      </Button>
      {start.error && <ProblemAlert error={start.error} />}
      {start.data?.id === build.id && <Text role="status">{words.nothingNewer}</Text>}
    </>
  );
}

function wishOf({ repo, ref, subdir, title, description, owner }: Build, me: Me): BuildWish {
  return { repo, ref, subdir, title, description, ...(me.owners.includes(owner) && { owner }) };
}

function prefill({ repo, ref, subdir }: Build): URLSearchParams {
  return new URLSearchParams({ repo, ...(ref !== "HEAD" && { ref }), ...(subdir && { subdir }) });
}
