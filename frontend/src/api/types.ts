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
  /** For whom they may build, written `user:NAME` or `group:NAME`; themselves first, where they may. */
  owners: string[];
  /** Where permissions that were given meanwhile can be had; empty where there is no such place. */
  login: string;
}

export type BuildState = "queued" | "building" | "pushing" | "succeeded" | "failed" | "cancelled";

/** What went wrong inside a build, as far as its log tells. */
export interface Cause {
  kind: string;
  /** The number of the log's line that tells it. */
  line: number;
  text: string;
  advice: string;
}

export interface Build {
  id: string;
  state: BuildState;
  message?: string | null;
  /** In lists only where somebody has asked before. */
  cause?: Cause | null;
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
  /** Others do not see it. */
  private: boolean;
  reused: boolean;
  joined: boolean;
}

export interface Image {
  id: string;
  name: string;
  title: string;
  description: string;
  repo: string;
  ref: string;
  commit: string;
  subdir: string;
  /** Names of the build arguments with which somebody made it differ. */
  build_args: string[];
  created_at: string;
  size: number | null;
  /** Whether a notebook server is in it; null when nobody looked. */
  launchable: boolean | null;
  /** Others do not see it. */
  private: boolean;
  /** Why a build of today would differ; empty when it would not. */
  outdated: string;
  featured: boolean;
  protected: boolean;
  /** The profile for its servers where none is asked for; may be empty. */
  profile: string;
}

/** What is at an address, before it is built. */
export interface Source {
  commit: string;
  /** The image that a build would reuse. */
  image: Image | null;
}

export type ServerState = "starting" | "ready" | "stopping" | "stopped";

export interface Server {
  /** Empty for the one without a name. */
  name: string;
  state: ServerState;
  /** Where it is, and what was to be opened of it; empty while that is not known. */
  open_url: string;
  title: string;
  profile: string;
  last_activity?: string;
}

export interface Profile {
  slug: string;
  title: string;
  description: string;
  /** Processors; 0 for no limit of its own. */
  cpu: number;
  /** Bytes; 0 for no limit of its own. */
  memory: number;
}

export interface Info {
  capabilities: Record<string, boolean>;
  profiles: Profile[];
}
