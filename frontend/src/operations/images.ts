import { get } from "../api/client";
import type { ImagePage } from "../api/types";

export const imagesKey = ["images"];

/** Those that the administrator features come first, then the newest. */
export const fetchImages = (signal?: AbortSignal) => get<ImagePage>("api/v1/images?sort=featured&limit=100", signal);
