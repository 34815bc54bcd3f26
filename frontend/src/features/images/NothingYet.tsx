import { Button, EmptyState, VStack } from "@chakra-ui/react";
import { Package } from "lucide-react";
import { Link } from "wouter";
import { texts } from "../../texts";

/** There is nothing yet: say how to begin. */
export function NothingYet({ mayBuild }: { mayBuild: boolean }) {
  const words = texts.images;
  return (
    <EmptyState.Root>
      <EmptyState.Content>
        <EmptyState.Indicator>
          <Package />
        </EmptyState.Indicator>
        <VStack textAlign="center">
          <EmptyState.Title as="h2">{words.empty}</EmptyState.Title>
          <EmptyState.Description>{mayBuild ? words.emptyHint : words.emptyForViewers}</EmptyState.Description>
        </VStack>
        {mayBuild && (
          <Button asChild>
            <Link href="/new">{words.build}</Link>
          </Button>
        )}
      </EmptyState.Content>
    </EmptyState.Root>
  );
}
