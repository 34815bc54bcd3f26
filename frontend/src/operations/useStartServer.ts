import { useMutation, useQueryClient } from "@tanstack/react-query";
import { serversKey, startServer } from "./servers";

export function useStartServer() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: startServer,
    onSuccess: () => queries.invalidateQueries({ queryKey: serversKey }),
  });
}
