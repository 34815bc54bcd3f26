import { Box, HStack } from "@chakra-ui/react";
import { Check } from "lucide-react";
import { useEffect } from "react";

const SECONDS = 4;

interface Props {
  /** What has been done; empty when there is nothing to tell. */
  text: string;
  onGone: () => void;
}

/** Tells for a moment that something has been done that cannot be seen otherwise. */
export function Notice({ text, onGone }: Props) {
  useEffect(() => {
    if (!text) {
      return undefined;
    }
    const timer = setTimeout(onGone, SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [text, onGone]);
  return (
    <Box role="status" position="fixed" bottom="4" insetEnd="4" zIndex="toast">
      {text && (
        <HStack bg="bg.inverted" color="fg.inverted" borderRadius="md" px="4" py="2" shadow="lg">
          <Check size="1em" aria-hidden />
          {text}
        </HStack>
      )}
    </Box>
  );
}
