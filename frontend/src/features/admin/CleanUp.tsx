import { Button, HStack, Text } from "@chakra-ui/react";
import { useState } from "react";
import type { Leftover } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { part } from "../../components/part";
import { useLeftovers } from "../../operations/useLeftovers";
import { admin } from "../../texts/admin";
import { LeftoverTable } from "./LeftoverTable";
import { sizeOf } from "./sizeOf";

const CleanUpDialog = part(async () => (await import(/* webpackChunkName: "cleanup" */ "./CleanUpDialog")).CleanUpDialog);
const words = admin.cleanUp;

/** What nobody needs any more: looked at first, removed by who says so. */
export function CleanUp() {
  const [isWanted, setIsWanted] = useState(false);
  const { data, error, isFetching, refetch } = useLeftovers(isWanted);
  const [opener, setOpener] = useState<HTMLElement | null>(null);
  const [gone, setGone] = useState<readonly Leftover[]>();
  const look = () => {
    setGone(undefined);
    setIsWanted(true);
    if (isWanted) {
      void refetch();
    }
  };
  const items = data?.items ?? [];
  return (
    <Section title={words.title}>
      <Text color="fg.muted">{words.hint}</Text>
      <HStack wrap="wrap">
        <Button variant="outline" colorPalette="gray" loading={isFetching} onClick={look}>
          {isWanted ? words.lookAgain : words.look}
        </Button>
        {items.length > 0 && (
          <Button variant="outline" colorPalette="red" onClick={({ currentTarget }) => setOpener(currentTarget)}>
            {words.begin}
          </Button>
        )}
      </HStack>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      <Text role="status">
        {gone ? words.done(gone.length, sizeOf(gone)) : data && (items.length > 0 ? words.would(items.length, sizeOf(items)) : words.nothing)}
      </Text>
      {isWanted && !data && !error && <LoadingRows label={words.loading} rows={2} />}
      {items.length > 0 && <LeftoverTable items={items} />}
      {opener && (
        <CleanUpDialog items={items} opener={opener} onDone={setGone} onClosed={() => setOpener(null)} />
      )}
    </Section>
  );
}
