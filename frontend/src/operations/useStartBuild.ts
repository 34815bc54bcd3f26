import { useMutation, useQueryClient } from "@tanstack/react-query";
import { buildsKey, startBuild } from "./builds";

export function useStartBuild() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: startBuild,
    onSuccess: () => queries.invalidateQueries({ queryKey: buildsKey }),
  });
}
