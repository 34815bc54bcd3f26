import { Button } from "@chakra-ui/react";
import { Package } from "lucide-react";
import { Link } from "wouter";
import { Empty } from "../../components/Empty";
import { texts } from "../../texts";

/** There is nothing yet: say how to begin. */
export function NothingYet({ mayBuild }: { mayBuild: boolean }) {
  const words = texts.images;
  return (
    <Empty icon={<Package />} title={words.empty} hint={mayBuild ? words.emptyHint : words.emptyForViewers}>
      {mayBuild && (
        <Button asChild>
          <Link href="/new">{words.build}</Link>
        </Button>
      )}
    </Empty>
  );
}
