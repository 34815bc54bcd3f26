export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Me {
  name: string;
}

export type BuildState = "queued" | "building" | "pushing" | "succeeded" | "failed" | "cancelled";

export interface Build {
  id: string;
  state: BuildState;
  message?: string | null;
  repo: string;
  ref: string | null;
  commit: string;
  image: string;
  created_at: string;
  reused: boolean;
  joined: boolean;
}

export interface Image {
  id: string;
  name: string;
  title?: string | null;
  repo: string;
  commit: string;
  created_at: string;
  size: number | null;
}
