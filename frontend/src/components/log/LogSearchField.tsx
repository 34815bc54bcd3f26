import { HStack, IconButton, Input, Text } from "@chakra-ui/react";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import type { KeyboardEvent, RefObject } from "react";
import { texts } from "../../texts";
import type { Found } from "./useLogSearch";

interface Props {
  found: Found;
  field: RefObject<HTMLInputElement | null>;
  /** Back to the lines. */
  onLeave: () => void;
}

/** Search in the whole log: how many lines there are, and from one to the next. */
export function LogSearchField({ found: { words, setWords, hits, isDone, place, go }, field, onLeave }: Props) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      setWords("");
      onLeave();
    }
  };
  const { log } = texts;
  return (
    <HStack role="search" gap="1" flex="1 1 14rem" maxW="28rem">
      <Input
        ref={field}
        size="xs"
        type="search"
        aria-label={log.search}
        placeholder={log.search}
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {words && (
        <>
          <Text textStyle="xs" color="fg.muted" whiteSpace="nowrap">
            {isDone && (hits.length > 0 ? log.place(place + 1, hits.length) : log.nothing)}
          </Text>
          <Small label={log.previous} onClick={() => go(-1)} isOff={hits.length === 0}>
            <ChevronUp />
          </Small>
          <Small label={log.next} onClick={() => go(1)} isOff={hits.length === 0}>
            <ChevronDown />
          </Small>
          <Small label={log.clear} onClick={() => setWords("")}>
            <X />
          </Small>
        </>
      )}
    </HStack>
  );
}

interface SmallProps {
  label: string;
  onClick: () => void;
  isOff?: boolean;
  children: React.ReactNode;
}

function Small({ label, onClick, isOff = false, children }: SmallProps) {
  return (
    <IconButton size="2xs" variant="ghost" aria-label={label} title={label} onClick={onClick} disabled={isOff}>
      {children}
    </IconButton>
  );
}
