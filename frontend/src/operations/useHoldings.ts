import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { adminKey, fetchHoldings } from "./admin";

/** All that an owner has, and what of it would be left. */
export function useHoldings(owner: string, withProtected: boolean) {
  return useQuery({
    queryKey: [...adminKey, "holdings", owner, withProtected],
    queryFn: ({ signal }) => fetchHoldings(owner, withProtected, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
}
