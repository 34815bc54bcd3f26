/** Seconds as people say them. */
function spoken(seconds: number): string {
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const roughly = (seconds: number) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`);

/** Words of the page of one build. */
export const build = {
  loading: "Loading the build",
  heading: (id: string) => `Build ${id}`,
  gone: "There is no such build",
  goneHint: "It may have been removed, or belong to somebody else.",
  toBuilds: "Go to the builds",
  title: (name: string, ref: string) => (ref ? `${name}@${ref}` : name),
  marks: { queued: "◌", building: "◌", pushing: "◌", succeeded: "✓", failed: "✕", cancelled: "⊘" },
  states: {
    queued: "Queued",
    building: "Building",
    pushing: "Storing the image",
    succeeded: "Succeeded",
    failed: "Failed",
    cancelled: "Cancelled",
  },
  private: "Private",
  privateHint: "Only its owner and administrators see it.",
  facts: "About this build",
  repository: "Repository",
  version: "Version",
  folder: "Folder",
  askedBy: "Asked for by",
  forOwner: (who: string, owner: string) => (who === owner ? who : `${who} for ${owner}`),
  begun: "Started",
  took: "Took",
  defaultBranch: "default branch",
  phases: "Phases",
  phase: { queue: "Queue", fetch: "Fetch", build: "Build", push: "Store", ready: "Ready" },
  phaseStates: { done: "done", current: "at work", failed: "failed here", stopped: "stopped here", waiting: "not yet" },
  progress: "Progress of the build",
  step: (step: number, steps: number) => `Step ${step} of ${steps}`,
  ahead: (position: number) => {
    const before = position - 1;
    const whose = before === 1 ? "1 build is ahead of yours." : `${before} builds are ahead of yours.`;
    return `Waiting for a free builder. ${before > 0 ? whose : "Yours is next."}`;
  },
  waiting: "Waiting for a free builder.",
  elapsed: (seconds: number) => `${spoken(seconds)} so far`,
  left: (seconds: number) => (seconds < 45 ? "less than a minute left" : `about ${Math.max(1, Math.round(seconds / 60))} min left`),
  slow: (seconds: number) => `Still working. Builds of this repository usually take about ${roughly(seconds)}.`,
  duration: spoken,
  cancel: "Cancel",
  cancelTitle: "Cancel this build?",
  cancelHint: "The log stays.",
  keep: "Keep building",
  cancelNow: "Cancel build",
  notify: "Tell me when it ends",
  notified: "You are told when it ends",
  failed: "Why it failed",
  line: (number: number) => `Line ${number}`,
  tryAgain: "Try again",
  tryCommit: (commit: string) => `Try ${commit} again`,
  newest: (ref: string) => `Build newest ${ref}`,
  nothingNewer: "There is nothing newer: this build is the answer. Mend the repository, then build again.",
  change: "Change and build",
  report: "Copy report",
  reported: "Copied",
  notReported: "This browser does not let us copy. Select the lines of the log instead.",
  ready: "The environment is ready.",
  reused: "This environment was there already: nothing was built, so there is no log.",
  cancelled: "This build was cancelled.",
  launch: "Launch",
  details: "See the environment",
} as const;
