import { chakra, Span } from "@chakra-ui/react";

interface Props {
  label: string;
  /** Where the label is to be seen: everywhere, on narrow screens only, or nowhere. */
  isLabelShown?: boolean | "base";
  checked: boolean;
  isMixed?: boolean;
  disabled?: boolean;
  onChange: (isChecked: boolean) => void;
}

/** The browser's own checkbox, which costs nothing where there are many; as large as a finger needs it. */
export function NativeCheckbox({ label, isLabelShown = false, checked, isMixed = false, disabled = false, onChange }: Props) {
  return (
    <chakra.label
      display="inline-flex"
      alignItems="center"
      gap="2"
      minH="6"
      minW={{ base: "6", md: isLabelShown === true ? "6" : "8" }}
      justifyContent={isLabelShown === true ? "start" : { base: isLabelShown ? "start" : "center", md: "center" }}
      fontWeight="normal"
      cursor={disabled ? "not-allowed" : "pointer"}
    >
      <chakra.input
        type="checkbox"
        boxSize="4"
        accentColor="colorPalette.solid"
        checked={checked}
        disabled={disabled}
        ref={(field: HTMLInputElement | null) => {
          if (field) {
            field.indeterminate = isMixed;
          }
        }}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        aria-label={isLabelShown === true ? undefined : label}
      />
      {isLabelShown && <Span hideFrom={isLabelShown === "base" ? "md" : undefined}>{label}</Span>}
    </chakra.label>
  );
}
