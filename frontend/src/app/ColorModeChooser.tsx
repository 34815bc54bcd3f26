import { NativeSelect } from "@chakra-ui/react";
import { useState } from "react";
import { texts } from "../texts";
import { type ColorMode, chooseMode, chosenMode } from "./colorMode";

const MODES: readonly ColorMode[] = ["system", "light", "dark"];

export function ColorModeChooser() {
  const [mode, setMode] = useState(chosenMode);
  const choose = (chosen: ColorMode) => {
    chooseMode(chosen);
    setMode(chosen);
  };
  return (
    <NativeSelect.Root size="xs" width="6rem">
      <NativeSelect.Field
        aria-label={texts.shell.theme}
        value={mode}
        onChange={({ currentTarget }) => choose(currentTarget.value as ColorMode)}
      >
        {MODES.map((each) => (
          <option key={each} value={each}>
            {texts.shell.themes[each]}
          </option>
        ))}
      </NativeSelect.Field>
      <NativeSelect.Indicator />
    </NativeSelect.Root>
  );
}
