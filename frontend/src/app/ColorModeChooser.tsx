import { NativeSelect } from "@chakra-ui/react";
import { useSyncExternalStore } from "react";
import { texts } from "../texts";
import { type ColorMode, chooseMode, chosenMode, whenChosen } from "./colorMode";

const MODES: readonly ColorMode[] = ["system", "light", "dark"];

export function ColorModeChooser() {
  const mode = useSyncExternalStore(whenChosen, chosenMode);
  return (
    <NativeSelect.Root size="xs" width="6rem">
      <NativeSelect.Field
        aria-label={texts.shell.theme}
        value={mode}
        onChange={({ currentTarget }) => chooseMode(currentTarget.value as ColorMode)}
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
