export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface ImagePage extends Page<Image> {
  as_of: string;
  /** The registry could not be asked lately. */
  stale: boolean;
  /** There may be images that the service does not know of. */
  partial: boolean;
}

export interface Me {
  name: string;
  permissions: string[];
  /** Where permissions that were given meanwhile can be had; empty where there is no such place. */
  login: string;
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
  progress: { step: number; steps: number };
  /** 1 is the next to start. */
  queue_position?: number;
  /** How long builds of this repository took lately. */
  estimated_seconds?: number;
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
