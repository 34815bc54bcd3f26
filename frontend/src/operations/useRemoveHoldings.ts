import { useMutation, useQueryClient } from "@tanstack/react-query";
import { adminKey, removeHoldings } from "./admin";
import { buildsKey } from "./builds";
import { imagesKey } from "./images";

export function useRemoveHoldings(owner: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (withProtected: boolean) => removeHoldings(owner, withProtected),
    onSettled: () => Promise.all([adminKey, buildsKey, imagesKey].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
