import { get } from "../api/client";
import type { Info } from "../api/types";

export const infoKey = ["info"];

export const fetchInfo = (signal?: AbortSignal) => get<Info>("api/v1/info", signal);
