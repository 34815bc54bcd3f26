import { plural } from "./numbers";

/** Words of the list of builds; its page alone reads them. */
export const builds = {
  newBuild: "New build",
  loading: "Loading the builds",
  caption: "Builds, the newest first",
  columns: { repository: "Repository", version: "Version", state: "State", askedBy: "Asked for by", begun: "Started", actions: "Actions" },
  whose: "Whose",
  mine: "My builds",
  all: "All builds",
  of: (group: string) => `Builds of ${group}`,
  state: "State",
  anyState: "Any state",
  count: (count: number) => plural(count, "build", "builds"),
  empty: "No builds yet",
  emptyHint: "Paste a repository address to begin one.",
  emptyForViewers: "As soon as somebody begins one, it is listed here.",
  search: "Search the builds",
  searchHint: "Repository, branch, commit or person",
  noMatch: (words: string) => (words ? `No build matches '${words}'.` : "No build is of this kind."),
  noneOfYours: "You have no builds yet",
  clear: "Show all builds",
  more: "Show older ones",
  cancel: "Cancel",
  cancelOf: (name: string) => `Cancel the build of ${name}`,
  stale: "The list could not be loaded anew. This is how it was before.",
} as const;
