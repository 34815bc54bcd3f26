import { useMutation, useQueryClient } from "@tanstack/react-query";
import { serversKey, stopServer } from "./servers";

export function useStopServer() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: stopServer,
    onSettled: () => queries.invalidateQueries({ queryKey: serversKey }),
  });
}
