import { useMutation, useQueryClient } from "@tanstack/react-query";
import { adminKey, cleanUp } from "./admin";
import { buildsKey } from "./builds";
import { imagesKey } from "./images";

export function useCleanUp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: cleanUp,
    onSettled: () => Promise.all([adminKey, buildsKey, imagesKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
