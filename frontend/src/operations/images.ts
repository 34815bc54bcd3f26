import { get, remove } from "../api/client";
import type { Image, ImagePage } from "../api/types";

export const imagesKey = ["images"];

/** How many images one answer holds; the service gives no more. */
const PAGE = "200";

/** Those that the administrator features come first, then the newest; with words, only those in which all of them occur. */
export function fetchImagePage(q: string, cursor: string, signal?: AbortSignal): Promise<ImagePage> {
  const wanted = new URLSearchParams({ sort: "featured", limit: PAGE, ...(q && { q }), ...(cursor && { cursor }) });
  return get<ImagePage>(`api/v1/images?${wanted}`, signal);
}

/** The images after a cursor, up to so many. */
export async function fetchRest(q: string, cursor: string, most: number, signal?: AbortSignal): Promise<Image[]> {
  const items: Image[] = [];
  for (let next: string | null = cursor; next !== null && items.length < most; ) {
    const page: ImagePage = await fetchImagePage(q, next, signal);
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

/** The newest images of a repository, built from a branch, tag or commit where one is given. */
export const fetchImagesOf = async ({ repo, ref }: { repo: string; ref?: string }, signal?: AbortSignal) => {
  const wanted = new URLSearchParams({ sort: "newest", limit: PAGE, repo, ...(ref && { ref }) });
  return (await get<ImagePage>(`api/v1/images?${wanted}`, signal)).items;
};

/** The image of that full name, or null. */
export const fetchNamed = async (name: string, signal?: AbortSignal) =>
  (await get<ImagePage>(`api/v1/images?${new URLSearchParams({ name })}`, signal)).items[0] ?? null;

export const fetchImage = (id: string, signal?: AbortSignal) => get<Image>(`api/v1/images/${encodeURIComponent(id)}`, signal);

/** Delete what was seen: if its name points to something else by now, the service refuses. */
export const deleteImage = ({ id, digest }: Image, siblings: boolean) =>
  remove(`api/v1/images/${encodeURIComponent(id)}${siblings ? "?siblings=delete" : ""}`, { "If-Match": `"${digest}"` });
