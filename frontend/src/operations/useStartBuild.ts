import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { BuildWish } from "../api/types";
import { buildsKey, type Credentials, startBuild } from "./builds";

export function useStartBuild() {
  const queries = useQueryClient();
  // What is wished for is remembered along with the outcome; what opens a repository is not.
  const credentials = useRef<Credentials>(undefined);
  const mutation = useMutation({
    mutationFn: (wish: BuildWish) => {
      const given = credentials.current;
      credentials.current = undefined;
      return startBuild(wish, given);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: buildsKey }),
  });
  const begin = (wish: BuildWish, given?: Credentials) => {
    credentials.current = given;
    return mutation.mutateAsync(wish);
  };
  return { ...mutation, begin };
}
