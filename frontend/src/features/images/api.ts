import { get } from "../../api/client";
import type { Image, Page } from "../../api/types";

export const imagesKey = ["images"];

export const fetchImages = (signal?: AbortSignal) => get<Page<Image>>("api/v1/images?limit=100", signal);
