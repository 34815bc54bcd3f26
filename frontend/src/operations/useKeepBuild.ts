import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Build } from "../api/types";
import { buildsKey, isActive } from "./builds";
import { imagesKey } from "./images";

/** What to call with a build as a stream tells it: all that shows it then shows it so. */
export function useKeepBuild(): (build: Build) => void {
  const queries = useQueryClient();
  return useCallback(
    (build) => {
      queries.setQueryData<Build>([...buildsKey, build.id], build);
      if (!isActive(build)) {
        void queries.invalidateQueries({ queryKey: buildsKey });
        void queries.invalidateQueries({ queryKey: imagesKey });
      }
    },
    [queries],
  );
}
