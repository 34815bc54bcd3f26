import { Button, Field, HStack, Input, Textarea } from "@chakra-ui/react";
import { Check, Copy } from "lucide-react";
import { useRef, useState } from "react";
import { copyText } from "./copyText";
import { texts } from "../texts";

interface Props {
  label: string;
  value: string;
  /** Several lines are shown whole. */
  isLong?: boolean;
}

type State = "idle" | "copied" | "by hand";

/** A text to be taken along, with a button that copies it. Where the browser does not let us, the text is selected. */
export function CopyField({ label, value, isLong = false }: Props) {
  const [state, setState] = useState<State>("idle");
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const words = texts.share;
  const copy = async () => {
    const isCopied = await copyText(value);
    setState(isCopied ? "copied" : "by hand");
    if (!isCopied) {
      field.current?.focus();
      field.current?.select();
    }
  };
  const Text = isLong ? Textarea : Input;
  return (
    <Field.Root>
      <Field.Label>{label}</Field.Label>
      <HStack width="full" align="start">
        <Text
          ref={field}
          readOnly
          value={value}
          size="sm"
          fontFamily="mono"
          {...(isLong && { rows: 3, whiteSpace: "pre", resize: "none" })}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <Button size="sm" variant="outline" colorPalette="gray" onClick={() => void copy()} aria-label={words.copyOf(label)} minW="24">
          {state === "copied" ? <Check /> : <Copy />}
          {state === "copied" ? words.copied : words.copy}
        </Button>
      </HStack>
      <Field.HelperText role="status">{state === "by hand" && words.copyByHand}</Field.HelperText>
    </Field.Root>
  );
}
