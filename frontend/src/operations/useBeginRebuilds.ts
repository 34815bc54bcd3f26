import { useMutation, useQueryClient } from "@tanstack/react-query";
import { adminKey, beginRebuilds } from "./admin";
import { buildsKey } from "./builds";

export function useBeginRebuilds() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: beginRebuilds,
    onSettled: () => Promise.all([adminKey, buildsKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
