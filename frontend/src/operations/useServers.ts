import { useQuery } from "@tanstack/react-query";
import type { Server } from "../api/types";
import { fetchServers, serversKey } from "./servers";

const SECONDS = 1000;

/** Who is signed in has these servers; asked for again soon while one of them starts or stops, as the hub is one for all. */
export function useServers() {
  return useQuery({
    queryKey: serversKey,
    queryFn: ({ signal }) => fetchServers(signal),
    refetchInterval: ({ state }) => (state.data?.some(isMoving) ? 3 : 60) * SECONDS,
  });
}

const isMoving = ({ state }: Server) => state === "starting" || state === "stopping";
