import { get, post, remove } from "../api/client";
import type { Server, ServerWish } from "../api/types";

export const serversKey = ["servers"];

export const fetchServers = async (signal?: AbortSignal) =>
  (await get<{ items: Server[] }>("api/v1/servers", signal)).items;

export const startServer = (wish: ServerWish) => post<Server>("api/v1/servers", wish);

export const stopServer = (name: string) => remove(serverPath(name));

/** Where the API has a server; the one without a name is a hyphen. */
export const serverPath = (name: string) => `api/v1/servers/${encodeURIComponent(name || "-")}`;
