import { EmptyState, VStack } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  icon: ReactNode;
  title: string;
  /** How there comes to be something. */
  hint?: string | undefined;
  /** The button that leads there. */
  children?: ReactNode;
}

/** Stands where a list would be that holds nothing: says so, and what can be done about it. */
export function Empty({ icon, title, hint, children }: Props) {
  return (
    <EmptyState.Root>
      <EmptyState.Content>
        <EmptyState.Indicator>{icon}</EmptyState.Indicator>
        <VStack textAlign="center">
          <EmptyState.Title as="h2" overflowWrap="anywhere">
            {title}
          </EmptyState.Title>
          {hint && <EmptyState.Description>{hint}</EmptyState.Description>}
        </VStack>
        {children}
      </EmptyState.Content>
    </EmptyState.Root>
  );
}
