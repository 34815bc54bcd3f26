import { Heading, HStack, Stack, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { useTitle } from "./useTitle";

interface Props {
  title: string;
  hint?: string | undefined;
  /** What the browser's tab says, where that is more than the heading. */
  tab?: string | undefined;
  /** What can be done here, at the other end of the line. */
  children?: ReactNode;
}

/** The one first-level heading of a page, which also names its tab. */
export function PageHeading({ title, hint, tab, children }: Props) {
  useTitle(tab ?? title);
  return (
    <Stack gap="2" mb="6">
      <HStack justify="space-between" align="start" flexWrap="wrap" gap="4">
        <Heading as="h1" size="2xl" pt="1" outline="none" overflowWrap="anywhere">
          {title}
        </Heading>
        {children && <HStack flexWrap="wrap" minH="10">{children}</HStack>}
      </HStack>
      {hint && <Text color="fg.muted">{hint}</Text>}
    </Stack>
  );
}
