/** Words of the dialog that gives links and badges. */
export const share = {
  title: "Share",
  hint: "Who opens the link sees what would start, and starts it with a button. The link by itself starts and builds nothing.",
  private: "This environment is private: only its owner and administrators can open the link.",
  which: "Version",
  newest: (ref: string) => `The newest that is built of ${ref === "HEAD" ? "the default branch" : ref}`,
  exact: (commit: string) => `Always this commit, ${commit}`,
  path: "Open",
  pathHint: "A file or folder, or an address such as /rstudio. May stay empty.",
  forms: { link: "Link", markdown: "Markdown", rst: "reStructuredText", html: "HTML" },
  preview: "Badge",
  badge: "Launch",
  copy: "Copy",
  copyOf: (form: string) => `Copy ${form}`,
  copied: "Copied",
  copyByHand: "This browser does not let us copy. Press Ctrl+C or ⌘C: the text is selected.",
  close: "Close",
} as const;
