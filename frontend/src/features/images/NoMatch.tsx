import { Button } from "@chakra-ui/react";
import { SearchX } from "lucide-react";
import { Empty } from "../../components/Empty";
import { texts } from "../../texts";

interface Props {
  q: string;
  onClear: () => void;
}

/** Nothing is as it was asked for. */
export function NoMatch({ q, onClear }: Props) {
  const words = texts.images;
  return (
    <Empty icon={<SearchX />} title={words.noMatch(q)}>
      <Button variant="outline" onClick={onClear}>
        {words.clearFilters}
      </Button>
    </Empty>
  );
}
