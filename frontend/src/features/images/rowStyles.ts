import { type SystemStyleObject, useRecipe } from "@chakra-ui/react";
import { useMemo } from "react";

/**
 * How the rows look, said once for all of them: an element with styles of its own costs so much that a list of them is late
 * for who types. Where there is no room for a table each row is a card.
 */
export function useRowStyles(): SystemStyleObject {
  const button = useRecipe({ key: "button" });
  return useMemo(
    () => ({
      ...STYLES,
      "& .launch": button({ size: "xs", variant: "surface" }),
      "& .more": { ...button({ size: "xs", variant: "ghost" }), colorPalette: "gray", px: "0" },
    }),
    [button],
  );
}

const STYLES: SystemStyleObject = {
  "& tbody tr": {
    display: { base: "block", md: "table-row" },
    position: { base: "relative", md: "static" },
    borderBottomWidth: { base: "1px", md: "0" },
    py: { base: "3", md: "0" },
    bg: "transparent",
    "&[data-selected]": { bg: "bg.muted" },
    "&[aria-hidden]": { display: "block", py: "0", border: "none" },
  },
  "& tbody td": {
    display: { base: "block", md: "table-cell" },
    borderBottomWidth: { base: "0", md: "1px" },
    px: { base: "0", md: "2" },
    py: { base: "1", md: "2" },
    verticalAlign: "top",
    overflowWrap: "anywhere",
  },
  "& tbody td.short": { display: { base: "inline-block", md: "table-cell" }, me: { base: "4", md: "0" } },
  "& tbody td.choice": {
    position: { base: "absolute", md: "static" },
    insetEnd: "0",
    top: "3",
    zIndex: { base: "1", md: "auto" },
    px: "0",
    py: { base: "0", md: "2" },
  },
  "& .choice label": { display: "flex", alignItems: "center", justifyContent: "center", h: "6", w: { base: "6", md: "8" } },
  "& .choice input": { boxSize: "4", accentColor: "colorPalette.solid" },
  "& .label": { display: { md: "none" }, color: "fg.muted" },
  "& .name": { minH: "6", fontWeight: "semibold", pe: { base: "8", md: "0" } },
  "& .description": { color: "fg.muted", lineClamp: "2" },
  "& .place": { color: "fg.muted", minH: "6" },
  "& .place a, & a.commit": { color: "colorPalette.fg", textDecoration: "underline", textUnderlineOffset: "0.2em" },
  "& .commit": { fontFamily: "mono", textStyle: "xs", color: "fg" },
  "& .name a:hover": { textDecoration: "underline" },
  "& td a:focus-visible, & .choice input:focus-visible": { outline: "2px solid", outlineColor: "colorPalette.focusRing", outlineOffset: "2px" },
  "& .actions": { display: "flex", alignItems: "center", gap: "1", justifyContent: { md: "end" } },
};
