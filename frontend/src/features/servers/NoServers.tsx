import { Button, EmptyState, VStack } from "@chakra-ui/react";
import { Server } from "lucide-react";
import { Link } from "wouter";
import { servers as words } from "../../texts/servers";

export function NoServers() {
  return (
    <EmptyState.Root>
      <EmptyState.Content>
        <EmptyState.Indicator>
          <Server />
        </EmptyState.Indicator>
        <VStack textAlign="center">
          <EmptyState.Title as="h2">{words.none}</EmptyState.Title>
          <EmptyState.Description>{words.noneHint}</EmptyState.Description>
        </VStack>
        <Button asChild>
          <Link href="/">{words.toEnvironments}</Link>
        </Button>
      </EmptyState.Content>
    </EmptyState.Root>
  );
}
