import { createSystem, defaultConfig, defineConfig } from "@chakra-ui/react";

/** One dark orange for the primary action; white on it has a contrast above 5:1. */
const brand = {
  solid: { value: "#c2410c" },
  contrast: { value: "white" },
  fg: { value: { _light: "#9a3412", _dark: "#fdba74" } },
  muted: { value: { _light: "#ffedd5", _dark: "#7c2d12" } },
  subtle: { value: { _light: "#fff7ed", _dark: "#431407" } },
  emphasized: { value: { _light: "#fed7aa", _dark: "#9a3412" } },
  focusRing: { value: "#c2410c" },
};

/** What is wrong with a field, in small letters: red enough, with a contrast above 5:1. */
const error = { value: { _light: "{colors.red.700}", _dark: "{colors.red.400}" } };

export const system = createSystem(
  defaultConfig,
  defineConfig({
    // Chakra would draw thinner ones around fields.
    globalCss: { html: { colorPalette: "brand", focusRingWidth: "2px" } },
    theme: { semanticTokens: { colors: { brand, fg: { error } } } },
  }),
);
