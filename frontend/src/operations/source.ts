import { post } from "../api/client";
import type { Source, SourceWish } from "../api/types";
import type { Credentials } from "./builds";

/** What a repository holds now, as far as it is known before anything is built. */
export const lookUp = (wish: SourceWish, credentials?: Credentials) =>
  post<Source>("api/v1/source", { ...wish, ...(credentials && { credentials }) });
