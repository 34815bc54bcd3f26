import { get } from "../../api/client";
import type { ImagePage } from "../../api/types";

export const imagesKey = ["images"];

export const fetchImages = (signal?: AbortSignal) => get<ImagePage>("api/v1/images?limit=100", signal);
