/** What the service tells and takes, as its OpenAPI document describes it; see schema.ts for each field. */
import type { components } from "./schema";

type Shapes = components["schemas"];

export type Build = Shapes["BuildShape"];
export type BuildState = Shapes["BuildState"];
export type BuildWish = Partial<Shapes["BuildWish"]> & Pick<Shapes["BuildWish"], "repo">;
export type Cause = Shapes["CauseShape"];
export type Image = Shapes["ImageShape"];
export type ImagePage = Shapes["ImagePageShape"];
export type Info = Shapes["InfoShape"];
export type Me = Shapes["MeShape"];
export type Profile = Shapes["ProfileShape"];
export type Server = Shapes["ServerShape"];
export type ServerState = Shapes["ServerState"];
export type ServerWish = Partial<Shapes["LaunchWish"]> & Pick<Shapes["LaunchWish"], "image">;
export type Source = Shapes["SourceShape"];
export type SourceWish = Partial<Shapes["SourceWish"]> & Pick<Shapes["SourceWish"], "repo">;

export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page; null on the last one. */
  next: string | null;
  /** How many there are on all pages. */
  total: number;
}
