import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Problem } from "../api/problem";
import type { Source } from "../api/types";
import type { Credentials } from "./builds";
import { lookUp } from "./source";

/** What to look up, and how the ref may be meant. */
export interface SourceQuestion {
  repo: string;
  subdir: string;
  owner: string;
  /** What the ref may be, with what is then left as a path; tried in turn. An empty ref is the default branch. */
  ways: readonly { ref: string; path: string }[];
}

export interface FoundSource {
  source: Source;
  /** As it was meant: empty for the default branch. */
  ref: string;
  path: string;
}

/**
 * What is where somebody points to; nothing is asked without a question. `withCredentials` asks again with what opens the
 * repository, which is remembered nowhere.
 */
export function useSource(question: SourceQuestion | null) {
  const given = useRef<{ repo: string; credentials: Credentials }>(undefined);
  const [tries, setTries] = useState(0);
  const query = useQuery({
    queryKey: ["source", question?.repo, question?.subdir, question?.owner, question?.ways, tries],
    queryFn: () => {
      const credentials = given.current?.repo === question!.repo ? given.current.credentials : undefined;
      given.current = undefined;
      return findSource(question!, credentials);
    },
    enabled: question !== null,
    retry: false,
    // Of the same repository what was known stays until more is known.
    placeholderData: (before, asked) => (asked?.queryKey[1] === question?.repo ? before : undefined),
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const withCredentials = (credentials: Credentials) => {
    given.current = question ? { repo: question.repo, credentials } : undefined;
    setTries((before) => before + 1);
  };
  return { ...query, tries, withCredentials };
}

/** Try the ways in turn; of a repository without any of them, the answer to the first is told. */
export async function findSource({ repo, subdir, owner, ways }: SourceQuestion, credentials?: Credentials): Promise<FoundSource> {
  let first: Error | undefined;
  for (const { ref, path } of ways) {
    try {
      const source = await lookUp({ repo, owner, ...(ref && { ref }), ...(subdir && { subdir }) }, credentials);
      // Where a tag is called as the beginning of a branch, the longest name is meant.
      const longer = ways.findLast((way) => way.ref.length > ref.length && source.refs.some(({ name }) => name === way.ref));
      return longer ? await findSource({ repo, subdir, owner, ways: [longer] }, credentials) : { source, ref, path };
    } catch (error) {
      if (!(error instanceof Problem && error.kind === "ref-not-found")) {
        throw error;
      }
      first ??= error;
    }
  }
  throw first;
}
