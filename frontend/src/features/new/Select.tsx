import { Field, NativeSelect } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** The options. */
  children: ReactNode;
}

/** A field of the form in which one of a few is chosen. */
export function Select({ label, hint, value, onChange, children }: Props) {
  return (
    <Field.Root maxW="md">
      <Field.Label>{label}</Field.Label>
      <NativeSelect.Root>
        <NativeSelect.Field value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          {children}
        </NativeSelect.Field>
        <NativeSelect.Indicator />
      </NativeSelect.Root>
      {hint && <Field.HelperText>{hint}</Field.HelperText>}
    </Field.Root>
  );
}
