import type { SystemStyleObject } from "@chakra-ui/react";

/** How much of a long log is seen at once. */
export const HEIGHT = "clamp(16rem, 70dvh, 60rem)";

const HUES = ["red", "green", "yellow", "blue", "cyan"] as const;

/** What a log says in colour. It is dark in both themes, so each of these is read on one background only. */
function colours(): SystemStyleObject {
  const named = [...HUES.map((hue) => [hue, hue] as const), ["magenta", "purple"] as const];
  return {
    "& .fg-black, & .fg-bright-black": { color: "gray.400" },
    "& .fg-white": { color: "gray.200" },
    "& .fg-bright-white": { color: "white" },
    "& .bg-black": { bg: "black" },
    "& .bg-white": { bg: "gray.700", color: "white" },
    ...Object.fromEntries(
      named.flatMap(([name, token]) => [
        [`& .fg-${name}`, { color: `${token}.400` }],
        [`& .fg-bright-${name}`, { color: `${token}.300` }],
        [`& .bg-${name}`, { bg: `${token}.900`, color: "white" }],
      ]),
    ),
    "& .bold": { fontWeight: "bold" },
    "& .dim": { color: "fg.muted" },
    "& .italic": { fontStyle: "italic" },
    "& .underline": { textDecoration: "underline" },
    "& .struck": { textDecoration: "line-through" },
    "& .inverse": { bg: "gray.300", color: "black" },
    "& .hidden": { color: "orange.300", textStyle: "2xs" },
  };
}

const FOCUS = { outline: "2px solid", outlineColor: "orange.300", outlineOffset: "-2px" } as const;

const head: SystemStyleObject = {
  "& .head": {
    display: "flex",
    alignItems: "center",
    gap: "2",
    width: "full",
    height: "8",
    px: "2",
    bg: "gray.900",
    textAlign: "start",
    cursor: "pointer",
    fontFamily: "body",
    textStyle: "sm",
    _hover: { bg: "gray.800" },
    _focusVisible: FOCUS,
  },
  "& .icon": { width: "4", height: "4", flexShrink: "0" },
  "& .running .state": { color: "blue.300", animation: "spin", _motionReduce: { animation: "none" } },
  "& .done .state, & .cached .state": { color: "green.300" },
  "& .failed .state, & .failed .note": { color: "red.300" },
  "& .stopped .state": { color: "gray.300" },
  "& .place, & .note": { color: "gray.300", flexShrink: "0", textStyle: "xs", whiteSpace: "nowrap" },
  "& .title": { flex: "1", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
};

const lines: SystemStyleObject = {
  // The rows lie above what scrolls, and would hide its own ring.
  "&:has(> .lines:focus-visible)::after": { content: '""', position: "absolute", inset: "0", pointerEvents: "none", ...FOCUS },
  "& .row": { position: "absolute", top: "0", insetStart: "0", minWidth: "full" },
  "& .line": { display: "flex", minHeight: "5", lineHeight: "1.25rem", whiteSpace: "pre" },
  // A long command is cut, for the sake of what is told beside it.
  "& .row.top, &.wrap .row": { width: "full" },
  "&.wrap .text": { whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  "& .number": {
    flexShrink: "0",
    width: { base: "3.75rem", md: "4.5rem" },
    pe: "3",
    textAlign: "end",
    color: "gray.400",
    cursor: "pointer",
    userSelect: "none",
    _before: { content: "attr(data-number)" },
    _hover: { color: "white", textDecoration: "underline" },
  },
  "& .text": { minWidth: "0", flex: "1", pe: "4", tabSize: "8" },
  "& .prefix": { color: "gray.400" },
  "& .line.marked": { bg: "yellow.950", boxShadow: "inset 3px 0 0 var(--chakra-colors-yellow-400)" },
  "& .line.hit": { bg: "blue.950" },
  "& mark": { bg: "yellow.300", color: "black" },
};

export const logStyles: SystemStyleObject = { ...colours(), ...head, ...lines };
