import { Button } from "@chakra-ui/react";
import { Plus } from "lucide-react";
import { Link } from "wouter";
import type { Me } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useKeptScroll } from "../../components/useKeptScroll";
import { useImageChanges } from "../../operations/useImageChanges";
import { texts } from "../../texts";
import { FilterBar } from "./FilterBar";
import { Freshness } from "./Freshness";
import { Gallery } from "./Gallery";
import { NothingYet } from "./NothingYet";
import { Quota } from "./Quota";
import { useChoice } from "./useChoice";
import { useFound } from "./useFound";
import { wordsOf } from "./wordsOf";

/** Everything that is built, and what can be done with it. */
export function ImagesPage({ me }: { me: Me }) {
  const [choice, change] = useChoice();
  const { all, chosen, areMany, q, error, refetch } = useFound(choice, me.owner);
  const { page, items, isComplete } = all;
  const mayBuild = me.owners.length > 0;
  useImageChanges();
  useKeptScroll(isComplete);
  return (
    <>
      <PageHeading title={texts.shell.environments}>
        {mayBuild && !!items?.length && (
          <Button asChild>
            <Link href="/new">
              <Plus />
              {texts.images.build}
            </Link>
          </Button>
        )}
      </PageHeading>
      {page && <Freshness page={page} isOld={!!error} />}
      {error && <ProblemAlert error={error} onRetry={refetch} />}
      {!page && !error && <LoadingRows label={texts.images.loading} />}
      {items && isComplete && !areMany && <Quota me={me} images={items} />}
      {items?.length === 0 && <NothingYet mayBuild={mayBuild} />}
      {chosen && items && items.length > 0 && (
        <>
          <FilterBar choice={choice} onChange={change} count={wordsOf(chosen.length, all, areMany)} />
          <Gallery me={me} images={chosen} known={items} q={q} order={choice.order} onChange={change} />
        </>
      )}
    </>
  );
}
