import { Alert, Code, HStack, Link, Text } from "@chakra-ui/react";
import type { Build, Me } from "../../api/types";
import { hashOf } from "../../components/log/lineRange";
import type { LogStore } from "../../components/log/LogStore";
import { useCause } from "../../operations/useCause";
import { texts } from "../../texts";
import { CopyReport } from "./CopyReport";
import { LastLines } from "./LastLines";
import { NextActions } from "./NextActions";
import { WhatToMend } from "./WhatToMend";

/** What can be mended in the repository. */
const IN_REPOSITORY: ReadonlySet<Build["reason"]> = new Set(["build-failed", "out-of-resources", "timed-out"] as const);

/** Why a build failed: what to do, the line of the log that tells it, and what can be pressed next. */
export function FailureSummary({ build, me, store }: { build: Build; me: Me; store: LogStore }) {
  const cause = useCause(build);
  return (
    <Alert.Root status="error" aria-label={texts.build.failed} role="region">
      <Alert.Indicator />
      <Alert.Content gap="3">
        <Alert.Title>{cause?.advice ?? build.message}</Alert.Title>
        {cause && (
          <Text textStyle="sm">
            <Link href={lineHere(cause.line)} variant="underline" color="fg">
              {texts.build.line(cause.line)}
            </Link>
            {": "}
            <Code size="sm" variant="surface" whiteSpace="pre-wrap" overflowWrap="anywhere">
              {cause.text}
            </Code>
          </Text>
        )}
        {IN_REPOSITORY.has(build.reason) && <WhatToMend build={build} cause={cause} store={store} />}
        {!cause && <LastLines store={store} />}
        <HStack wrap="wrap" gap="2">
          <NextActions build={build} me={me} />
          <CopyReport build={build} store={store} />
        </HStack>
      </Alert.Content>
    </Alert.Root>
  );
}

/** The document's base would make `#L3` an address of the first page. */
const lineHere = (line: number) => window.location.pathname + window.location.search + hashOf({ from: line, to: line });
