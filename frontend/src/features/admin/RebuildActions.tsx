import { Button, HStack, Text } from "@chakra-ui/react";
import { CircleStop, RotateCw } from "lucide-react";
import { useState } from "react";
import type { Rebuilds } from "../../api/types";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useBeginRebuilds } from "../../operations/useBeginRebuilds";
import { admin } from "../../texts/admin";
import { RebuildProgress } from "./RebuildProgress";
import { useGoingOn } from "./useGoingOn";

const words = admin.rebuilds;

/** Begins the next ones, once or until none waits, and says how far that is. */
export function RebuildActions({ outdated }: { outdated: Rebuilds }) {
  const { items, under_way, waiting, skipped, at_once, as_of } = outdated;
  const [failedToo, setFailedToo] = useState(false);
  const begin = useBeginRebuilds();
  const run = useGoingOn(outdated, begin);
  const wish = failedToo ? { failed_before: as_of } : {};
  if (items.length === 0) {
    return (
      <>
        {run.total > 0 && <RebuildProgress done={run.done} total={run.total} />}
        <Text color="fg.muted">{words.none}</Text>
      </>
    );
  }
  const hasNone = waiting === 0 && !failedToo;
  return (
    <>
      <Text>
        {words.hint} {words.counts(under_way, waiting, skipped)}
      </Text>
      <HStack wrap="wrap" gap="4">
        {run.isOn ? (
          <Button variant="outline" colorPalette="gray" onClick={run.stop}>
            <CircleStop aria-hidden />
            {words.stop}
          </Button>
        ) : (
          <>
            <Button variant="outline" loading={begin.isPending} disabled={hasNone} onClick={() => begin.mutate(wish)}>
              <RotateCw aria-hidden />
              {words.some}
            </Button>
            <Button variant="outline" disabled={hasNone || begin.isPending} onClick={() => run.goOn(wish)}>
              {words.all}
            </Button>
            <NativeCheckbox label={words.failedToo} isLabelShown checked={failedToo} onChange={setFailedToo} />
          </>
        )}
      </HStack>
      <Text textStyle="sm" color="fg.muted">
        {run.isOn ? words.allHint : words.someHint(at_once)} {run.isOn ? words.stopHint : words.allOffer}
      </Text>
      {run.total > 0 && <RebuildProgress done={run.done} total={run.total} />}
      <Text role="status">{!run.isOn && begin.data && words.begun(begin.data.begun.length)}</Text>
      {begin.error && <ProblemAlert error={begin.error} />}
    </>
  );
}
