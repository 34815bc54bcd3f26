import type { Image, Me } from "../src/api/types";

export const ADA: Me = {
  name: "ada",
  kind: "user",
  owner: "user:ada",
  owners: ["user:ada"],
  groups: [],
  permissions: ["builds:create", "images:delete"],
  admin: false,
  login: "",
  home: "",
  limits: { builds: 50, images: 0 },
};

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** An image of Ada's, as the service tells of it. */
export function anImage(name: string, changes: Partial<Image> = {}): Image {
  return {
    id: `id-${name}`,
    name: `registry.example.org:5000/r2d/${name}:${COMMIT}`,
    launch_reference: `registry.example.org:5000/r2d/${name}@sha256:${name}`,
    digest: `sha256:${name}`,
    repo: `https://github.com/o/${name}`,
    ref: "HEAD",
    commit: COMMIT,
    subdir: "",
    title: "",
    description: "",
    owner: "user:ada",
    requested_by: "user:ada",
    private: false,
    build_args: [],
    build_id: `build-${name}`,
    created_at: "2026-01-31T12:00:00Z",
    size: 1_500_000_000,
    outdated: "",
    launchable: true,
    changed_outside: false,
    featured: false,
    default: false,
    protected: false,
    profile: "",
    ...changes,
  };
}

export const pageOf = (items: readonly Image[], changes = {}) => ({
  items,
  next: null,
  total: items.length,
  as_of: "2026-01-31T12:00:00Z",
  stale: false,
  partial: false,
  unreadable: [],
  ...changes,
});
