import { useEffect, useEffectEvent } from "react";
import { useStored } from "../useStored";

const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog, [role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Whether single keys do something, which not everybody wants (WCAG 2.1.4), and how to choose. */
export const useSingleKeys = () => useStored("single-keys", true);

/** Have single keys do something, unless somebody writes, or has switched them off. */
export function useKeys(keys: Readonly<Record<string, () => unknown>>): void {
  const [isOn] = useSingleKeys();
  const press = useEffectEvent((event: KeyboardEvent) => {
    const isWriting = event.target instanceof Element && event.target.closest(FIELDS);
    const action = keys[event.key];
    if (!action || isWriting || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
      return;
    }
    event.preventDefault();
    action();
  });

  useEffect(() => {
    if (isOn) {
      document.addEventListener("keydown", press);
    }
    return () => document.removeEventListener("keydown", press);
  }, [isOn]);
}
