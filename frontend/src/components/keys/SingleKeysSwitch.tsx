import { keys } from "../../texts/keys";
import { NativeCheckbox } from "../NativeCheckbox";
import { useSingleKeys } from "./useKeys";

/** Whether single keys do anything, on all pages. */
export function SingleKeysSwitch() {
  const [areOn, turn] = useSingleKeys();
  return <NativeCheckbox label={keys.on} isLabelShown checked={areOn} onChange={turn} />;
}
