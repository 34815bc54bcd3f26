/** What the service tells and takes, as its OpenAPI document describes it; see schema.ts for each field. */
import type { components } from "./schema";

type Shapes = components["schemas"];

export type Build = Shapes["BuildShape"];
export type BuildState = Shapes["BuildState"];
export type BuildWish = Partial<Shapes["BuildWish"]> & Pick<Shapes["BuildWish"], "repo">;
export type Cause = Shapes["CauseShape"];
export type Holding = Shapes["HoldingShape"];
export type Holdings = Shapes["HoldingsShape"];
export type Image = Shapes["ImageShape"];
export type ImagePage = Shapes["ImagePageShape"];
export type Info = Shapes["InfoShape"];
export type Leftover = Shapes["LeftoverShape"];
export type Leftovers = Shapes["LeftoversShape"];
export type Me = Shapes["MeShape"];
export type Profile = Shapes["ProfileShape"];
export type Rebuild = Shapes["RebuildShape"];
export type Rebuilds = Shapes["RebuildsShape"];
export type RebuildWish = Partial<Shapes["RebuildWish"]>;
export type Ref = Shapes["RefShape"];
export type Server = Shapes["ServerShape"];
export type ServerState = Shapes["ServerState"];
export type ServerWish = Partial<Shapes["LaunchWish"]> & Pick<Shapes["LaunchWish"], "image">;
export type Source = Shapes["SourceShape"];
export type SourceWish = Partial<Shapes["SourceWish"]> & Pick<Shapes["SourceWish"], "repo">;
export type Summary = Shapes["SummaryShape"];
export type Usage = Shapes["UsageShape"];

export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page; null on the last one. */
  next: string | null;
  /** How many there are on all pages. */
  total: number;
}
