import { get, post } from "../api/client";
import type { Holdings, Leftovers, Rebuilds, RebuildWish, Summary } from "../api/types";

export const adminKey = ["admin"];

export const fetchSummary = (signal?: AbortSignal) => get<Summary>("api/v1/admin/summary", signal);

/** What would be collected now; nothing is removed. */
export const fetchLeftovers = (signal?: AbortSignal) => get<Leftovers>("api/v1/admin/cleanup", signal);

/** Collect it; gives what is gone. */
export const cleanUp = () => post<Leftovers>("api/v1/admin/cleanup", {});

/** How many outdated images are listed; the others are counted. */
const LISTED = 50;

export const fetchRebuilds = (signal?: AbortSignal) => get<Rebuilds>(`api/v1/admin/rebuilds?limit=${LISTED}`, signal);

/** Build the next of the outdated images again. */
export const beginRebuilds = (wish: RebuildWish) => post<Rebuilds>("api/v1/admin/rebuilds", wish);

const removalPath = (owner: string, withProtected: boolean) =>
  `api/v1/admin/owners/${encodeURIComponent(owner)}/removal${withProtected ? "?protected=delete" : ""}`;

/** All that somebody has, and what of it would be left; nothing is removed. */
export const fetchHoldings = (owner: string, withProtected: boolean, signal?: AbortSignal) =>
  get<Holdings>(removalPath(owner, withProtected), signal);

/** Remove it; gives what is gone, and what is left. */
export const removeHoldings = (owner: string, withProtected: boolean) => post<Holdings>(removalPath(owner, withProtected), {});
