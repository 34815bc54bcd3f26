import { Input, InputGroup, Kbd } from "@chakra-ui/react";
import { Search } from "lucide-react";
import { useRef } from "react";
import { useKeys } from "./keys/useKeys";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
  hint: string;
}

/** Where the words go that a list is searched for; the key `/` leads there. */
export function SearchField({ value, onChange, label, hint }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useKeys({
    "/": () => {
      field.current?.focus();
      field.current?.select();
    },
  });
  const key = (
    <Kbd hideBelow="md" colorPalette="gray">
      /
    </Kbd>
  );
  return (
    <InputGroup flex="1 1 16rem" startElement={<Search size="1em" />} endElement={value ? undefined : key}>
      <Input
        ref={field}
        type="search"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        aria-label={label}
        placeholder={hint}
        autoComplete="off"
        spellCheck="false"
      />
    </InputGroup>
  );
}
