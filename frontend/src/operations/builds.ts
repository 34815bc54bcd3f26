import { get, post } from "../api/client";
import type { Build, BuildState, BuildWish, Page } from "../api/types";

export interface Credentials {
  /** May be empty beside a token. */
  username: string;
  password: string;
}

export const buildsKey = ["builds"];

/** Builds of an owner, in a state and with some words, where these are given, the newest first. */
export const fetchBuildPage = ({ owner, state, q }: { owner: string; state: string; q: string }, cursor: string, signal?: AbortSignal) => {
  const given = Object.entries({ owner, state, q, cursor }).filter(([, value]) => value);
  const wanted = new URLSearchParams({ limit: "50", ...Object.fromEntries(given) });
  return get<Page<Build>>(`api/v1/builds?${wanted}`, signal);
};

export const fetchBuild = (id: string, signal?: AbortSignal) => get<Build>(`api/v1/builds/${encodeURIComponent(id)}`, signal);

export const startBuild = (wish: BuildWish, credentials?: Credentials) =>
  post<Build>("api/v1/builds", { ...wish, ...(credentials && { credentials }) });

/** When the answer comes, nothing of it runs any more. */
export const cancelBuild = (id: string) => post<Build>(`api/v1/builds/${id}/cancel`, {});

const ACTIVE: ReadonlySet<BuildState> = new Set(["queued", "building", "pushing"]);

export const isActive = (build: Build) => ACTIVE.has(build.state);

/** A build as it is told now, yet no less far than it was: who is asked now and then has not read each line, as a stream has. */
export const noLessFar = (before: Build | undefined, now: Build): Build =>
  before && before.progress.step > now.progress.step ? { ...now, progress: before.progress } : now;
