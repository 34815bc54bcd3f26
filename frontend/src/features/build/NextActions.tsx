import { Button, Text } from "@chakra-ui/react";
import { Pencil, RotateCcw } from "lucide-react";
import { Link, useLocation } from "wouter";
import type { Build, BuildWish, Me } from "../../api/types";
import { formAddress } from "../../components/formAddress";
import { ProblemAlert } from "../../components/ProblemAlert";
import { withQuery } from "../../components/withQuery";
import { useNewestCommit } from "../../operations/useNewestCommit";
import { useStartBuild } from "../../operations/useStartBuild";
import { texts } from "../../texts";
import { useStartWish } from "./useStartWish";

const FIRST = { colorPalette: "brand" } as const;
const SECOND = { variant: "outline", colorPalette: "gray" } as const;

interface Props {
  build: Build;
  me: Me;
  /** Whether what is there may be replaced. */
  mayForce?: boolean;
}

/** What somebody may do with a build that has ended, for those who may build. */
export function NextActions({ build, me, mayForce = true }: Props) {
  const wish = useStartWish();
  const mayBuild = me.owners.length > 0;
  const missing = missingOf(build);
  const newest = useNewestCommit(build, mayBuild && !missing);
  const [, go] = useLocation();
  const start = useStartBuild();
  if (!mayBuild) {
    return null;
  }
  const { ref, commit } = build;
  const succeeded = build.state === "succeeded";
  const first = succeeded ? SECOND : FIRST; // there is better to do with what is built
  const hasMoved = newest !== undefined && newest !== commit;
  const begin = (changes: Partial<BuildWish>) =>
    start.mutate({ ...wishOf(build, me), ...changes }, { onSuccess: ({ id }) => id !== build.id && go(withQuery(`/builds/${id}`, wish)) });
  const words = texts.build;
  const form = (
    <Button asChild size="sm" {...(missing ? first : SECOND)}>
      <Link href={formAddress(build, wish)}>
        <Pencil aria-hidden /> {words.change}
      </Link>
    </Button>
  );
  if (missing) {
    return (
      <>
        {form}
        <Text textStyle="sm" flexBasis="full">
          {missing}
        </Text>
      </>
    );
  }
  return (
    <>
      {hasMoved && (
        <Button size="sm" {...first} onClick={() => begin({})} loading={start.isPending}>
          <RotateCcw aria-hidden /> {words.newest(ref === "HEAD" ? words.defaultBranch : ref)}
        </Button>
      )}
      {mayForce && (
        <Button
          size="sm"
          // Of a branch that has moved on, exactly this commit is meant; else what is built keeps the branch's name.
          onClick={() => begin({ force: true, ...(hasMoved && { ref: commit }) })}
          loading={start.isPending}
          {...(hasMoved ? SECOND : first)}
        >
          <RotateCcw aria-hidden /> {again(hasMoved ? commit.slice(0, 7) : "", succeeded)}
        </Button>
      )}
      {form}
      {start.error && <ProblemAlert error={start.error} />}
      {start.data?.id === build.id && <Text role="status">{words.nothingNewer}</Text>}
    </>
  );
}

/** What would be needed to build the same again and is not kept, in a sentence; empty where there is nothing. */
function missingOf({ private: isPrivate, build_args }: Build): string {
  if (build_args.length > 0) {
    return texts.build.argumentsNotKept(build_args);
  }
  return isPrivate ? texts.build.credentialsNotKept : "";
}

function wishOf({ repo, ref, subdir, title, description, owner }: Build, me: Me): BuildWish {
  return { repo, ref, subdir, title, description, ...(me.owners.includes(owner) && { owner }) };
}

function again(commit: string, succeeded: boolean): string {
  const { buildAgain, buildCommit, tryAgain, tryCommit } = texts.build;
  if (succeeded) {
    return commit ? buildCommit(commit) : buildAgain;
  }
  return commit ? tryCommit(commit) : tryAgain;
}
