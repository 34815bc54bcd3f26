import { NativeSelect } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The options. */
  children: ReactNode;
}

/** Chooses what a list shows, and how. */
export function Chooser({ label, value, onChange, children }: Props) {
  return (
    <NativeSelect.Root flex="0 1 auto" width="auto">
      <NativeSelect.Field aria-label={label} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {children}
      </NativeSelect.Field>
      <NativeSelect.Indicator />
    </NativeSelect.Root>
  );
}
