import { Clipboard, Flex, IconButton, Text } from "@chakra-ui/react";

/** The build's id, which commands and the REST API take, and a button that copies it. */
export function BuildId({ id }: { id: string }) {
  return (
    <Flex align="center" gap="1" textStyle="xs" color="fg.muted">
      <Text as="span" fontFamily="mono" overflowWrap="anywhere">
        {id}
      </Text>
      <Clipboard.Root value={id}>
        <Clipboard.Trigger asChild>
          <IconButton variant="ghost" size="2xs" aria-label="Copy the build's id">
            <Clipboard.Indicator />
          </IconButton>
        </Clipboard.Trigger>
      </Clipboard.Root>
    </Flex>
  );
}
