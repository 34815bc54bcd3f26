import { Alert, Button } from "@chakra-ui/react";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Build, Me } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { part } from "../../components/part";
import { useBuildChanges } from "../../operations/useBuildChanges";
import { type BuildsWanted, useBuilds } from "../../operations/useBuilds";
import { texts } from "../../texts";
import { builds as words } from "../../texts/builds";
import { BuildFilter } from "./BuildFilter";
import { BuildTable } from "./BuildTable";
import { NoBuilds } from "./NoBuilds";
import { useWanted } from "./useWanted";

const CancelDialog = part(async () => (await import(/* webpackChunkName: "cancel" */ "../../components/CancelDialog")).CancelDialog);

/** The builds that one may know of: one's own, unless others are asked for. */
export function BuildsPage({ me }: { me: Me }) {
  const [wanted, change] = useWanted(me);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useBuilds(wanted);
  const [asking, setAsking] = useState<{ build: Build; opener: HTMLElement }>();
  useBuildChanges();
  const mayBuild = me.owners.length > 0;
  const items = data?.pages.flatMap((page) => page.items);
  const isFiltered = wanted.state !== "" || wanted.owner !== "" || wanted.q !== "";
  return (
    <>
      <PageHeading title={texts.shell.builds}>
        {mayBuild && (
          <Button asChild>
            <Link href="/new">
              <Plus aria-hidden />
              {words.newBuild}
            </Link>
          </Button>
        )}
      </PageHeading>
      <BuildFilter me={me} wanted={wanted} onChange={change} count={data?.pages[0]?.total} />
      {data && error && <Stale text={words.stale} />}
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <LoadingRows label={words.loading} />}
      {items?.length === 0 && <NoBuilds mayBuild={mayBuild} isFiltered={isFiltered} title={nothingOf(wanted, me)} onClear={() => change({ owner: "", state: "", q: "" })} />}
      {items && items.length > 0 && <BuildTable me={me} builds={items} onCancel={(build, opener) => setAsking({ build, opener })} />}
      {hasNextPage && (
        <Button variant="outline" colorPalette="gray" mt="4" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.more}
        </Button>
      )}
      {asking && (
        <CancelDialog {...asking} onClosed={() => setAsking(undefined)} />
      )}
    </>
  );
}

function nothingOf({ state, owner, q }: BuildsWanted, me: Me): string {
  if (state || q) {
    return words.noMatch(q);
  }
  return owner === "" ? words.empty : owner === me.owner ? words.noneOfYours : words.noMatch("");
}

function Stale({ text }: { text: string }) {
  return (
    <Alert.Root status="warning" role="status" mb="4">
      <Alert.Indicator />
      <Alert.Title>{text}</Alert.Title>
    </Alert.Root>
  );
}
