import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Image } from "../api/types";
import { buildsKey, startBuild } from "./builds";

/** Build an image again, from the newest commit of its branch or tag. */
export function useRebuild() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ repo, ref, subdir, title, description, owner }: Image) =>
      startBuild({ repo, ref, subdir, title, description, owner, force: true }),
    onSuccess: () => queries.invalidateQueries({ queryKey: buildsKey }),
  });
}
