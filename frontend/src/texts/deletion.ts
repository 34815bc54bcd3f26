import { number, plural } from "./numbers";

const environments = (count: number) => (count === 1 ? "this environment" : `${number(count)} environments`);

/** Words of the dialog that deletes environments. */
export const deletion = {
  title: (count: number, size: string) => `Delete ${environments(count)}${size && ` (${size})`}?`,
  consequences: "Running servers keep working. Launching again needs a new build.",
  andMore: (count: number) => `and ${number(count)} more`,
  siblings: "The same image has other names, which are deleted with it:",
  servers: (count: number) => `Servers of yours that run from ${count === 1 ? "it" : "them"}:`,
  protected: "Protected: it stays unless an administrator changes that.",
  type: (count: number) => `Type ${count} to confirm`,
  keep: "Keep",
  remove: (count: number) => (count === 1 ? "Delete" : `Delete ${number(count)}`),
  deleting: "Deleting",
  close: "Close",
  retry: "Retry failed",
  result: (deleted: number, failed: number) => `${number(deleted)} deleted, ${number(failed)} failed`,
  outcomes: { waiting: "waiting", deleting: "deleting", deleted: "deleted", failed: "not deleted" },
  done: (count: number) => `${plural(count, "environment is", "environments are")} deleted.`,
} as const;
