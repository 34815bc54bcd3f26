import { useQuery } from "@tanstack/react-query";
import { fetchServers, serversKey } from "./servers";
import { useInfo } from "./useInfo";

/** The servers, of those who are signed in, that were started from these images; none where no servers are started. */
export function useServersOf(imageIds: readonly string[]) {
  const startsServers = useInfo().data?.capabilities.servers === true;
  const { data } = useQuery({
    queryKey: serversKey,
    queryFn: ({ signal }) => fetchServers(signal),
    enabled: startsServers,
  });
  return (data ?? []).filter(({ image_id, state }) => state !== "stopped" && !!image_id && imageIds.includes(image_id));
}
