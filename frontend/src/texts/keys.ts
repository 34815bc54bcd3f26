/** What single keys do, and where; whoever shows the list loads it, so it is not gathered with the words of all pages. */
export const keys = {
  title: "Keyboard shortcuts",
  hint: "Single keys do nothing while you type into a field.",
  ofLog: "Keys of the log",
  on: "Use single keys",
  groups: {
    everywhere: {
      title: "Everywhere",
      rows: [
        ["b", "build a new environment"],
        ["?", "show these shortcuts"],
        ["Esc", "close what is on top"],
      ],
    },
    list: {
      title: "In the lists of environments and builds",
      rows: [["/", "search the list"]],
    },
    log: {
      title: "In a log",
      rows: [
        ["/", "search the log; Ctrl+F does so too, and pressed twice it is the browser's own search"],
        ["n N", "next and previous hit"],
        ["f", "follow the end"],
        ["w", "wrap long lines"],
        ["g G", "top and bottom"],
        ["j k", "next and previous line"],
        ["[ ]", "previous and next step"],
        ["o", "fold or unfold the step"],
        ["l", "copy a link to the marked lines"],
        ["c", "copy the marked lines"],
        ["Shift+click", "mark from one line number to another"],
      ],
    },
  },
} as const;

export type KeyGroup = keyof typeof keys.groups;
