import { Button, EmptyState } from "@chakra-ui/react";
import { SearchX } from "lucide-react";
import { texts } from "../../texts";

interface Props {
  q: string;
  onClear: () => void;
}

/** Nothing is as it was asked for. */
export function NoMatch({ q, onClear }: Props) {
  const words = texts.images;
  return (
    <EmptyState.Root>
      <EmptyState.Content>
        <EmptyState.Indicator>
          <SearchX />
        </EmptyState.Indicator>
        <EmptyState.Title as="h2" overflowWrap="anywhere">
          {words.noMatch(q)}
        </EmptyState.Title>
        <Button variant="outline" onClick={onClear}>
          {words.clearFilters}
        </Button>
      </EmptyState.Content>
    </EmptyState.Root>
  );
}
