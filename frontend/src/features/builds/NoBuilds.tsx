import { Button, EmptyState, VStack } from "@chakra-ui/react";
import { Hammer, SearchX } from "lucide-react";
import { Link } from "wouter";
import { builds as words } from "../../texts/builds";

interface Props {
  mayBuild: boolean;
  /** Whether there may be others. */
  isFiltered: boolean;
  /** What it says that there is nothing of. */
  title: string;
  onClear: () => void;
}

export function NoBuilds({ mayBuild, isFiltered, title, onClear }: Props) {
  const hint = mayBuild ? words.emptyHint : words.emptyForViewers;
  return (
    <EmptyState.Root>
      <EmptyState.Content>
        <EmptyState.Indicator>{isFiltered ? <SearchX /> : <Hammer />}</EmptyState.Indicator>
        <VStack textAlign="center">
          <EmptyState.Title as="h2">{title}</EmptyState.Title>
          {!isFiltered && <EmptyState.Description>{hint}</EmptyState.Description>}
        </VStack>
        {isFiltered && (
          <Button variant="outline" onClick={onClear}>
            {words.clear}
          </Button>
        )}
        {!isFiltered && mayBuild && (
          <Button asChild>
            <Link href="/new">{words.newBuild}</Link>
          </Button>
        )}
      </EmptyState.Content>
    </EmptyState.Root>
  );
}
