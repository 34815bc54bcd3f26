import type { Build } from "../src/api/types";

/** A build, different where that matters. */
export function aBuild(changes: Partial<Build> = {}): Build {
  return {
    id: "0123456789abcdef0123456789abcdef",
    state: "building",
    progress: { step: 0, steps: 0 },
    repo: "https://github.com/o/r",
    ref: "main",
    commit: "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70",
    subdir: "",
    image: "localhost/r2d/r:6e7d6ca",
    owner: "user:ada",
    requested_by: "user:ada",
    private: false,
    build_args: [],
    title: "",
    description: "",
    created_at: "2026-01-31T12:00:00Z",
    reused: false,
    joined: false,
    ...changes,
  };
}
