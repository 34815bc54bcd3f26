import { Button } from "@chakra-ui/react";
import { Hammer, SearchX } from "lucide-react";
import { Link } from "wouter";
import { Empty } from "../../components/Empty";
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
    <Empty icon={isFiltered ? <SearchX /> : <Hammer />} title={title} hint={isFiltered ? undefined : hint}>
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
    </Empty>
  );
}
