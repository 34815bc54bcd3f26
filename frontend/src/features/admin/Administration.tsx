import { Stack, Text } from "@chakra-ui/react";
import { Ago } from "../../components/Ago";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useSummary } from "../../operations/useSummary";
import { texts } from "../../texts";
import { admin as words } from "../../texts/admin";
import { BuildFigures } from "./BuildFigures";
import { CleanUp } from "./CleanUp";
import { Health } from "./Health";
import { ImageFigures } from "./ImageFigures";
import { Rebuilds } from "./Rebuilds";
import { UsageList } from "./UsageList";

/** The whole service at a glance, and what administrators do with it. */
export function Administration() {
  const { data: summary, error, refetch } = useSummary();
  return (
    <>
      <PageHeading title={texts.shell.administration}>
        {summary && (
          <Text color="fg.muted" textStyle="sm">
            {words.asOf} <Ago time={summary.as_of} />
          </Text>
        )}
      </PageHeading>
      <Stack gap="10">
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {!summary && !error && <LoadingRows label={words.loading} />}
        {summary && (
          <>
            <Health summary={summary} />
            <BuildFigures builds={summary.builds} />
            <UsageList usage={summary.usage} />
            <ImageFigures images={summary.images} />
          </>
        )}
        <Rebuilds />
        <CleanUp />
      </Stack>
    </>
  );
}
