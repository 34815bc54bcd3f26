import { Button, Stack, Text } from "@chakra-ui/react";
import { Bell, BellRing } from "lucide-react";
import { useHistoryState } from "wouter/use-browser-location";
import type { Build, Me } from "../../api/types";
import { BuildStateBadge } from "../../components/BuildStateBadge";
import { shortName } from "../../components/forge";
import { LogViewer } from "../../components/log/LogViewer";
import { useLog } from "../../components/log/useLog";
import { PageHeading } from "../../components/PageHeading";
import { isActive } from "../../operations/builds";
import { texts } from "../../texts";
import { BuildFacts } from "./BuildFacts";
import { BuildProgress } from "./BuildProgress";
import { CancelBuild } from "./CancelBuild";
import { FailureSummary } from "./FailureSummary";
import { Outcome } from "./Outcome";
import { canNotify, useEndNotice } from "./useEndNotice";
import { useFavicon } from "./useFavicon";

interface Props {
  build: Build;
  me: Me;
}

/** One build: how far it is, what came of it, and its log. Another build is another component. */
export function BuildView({ build, me }: Props) {
  const { state } = build;
  const { marks, states } = texts.build;
  const name = titleOf(build);
  useFavicon(state);
  const notice = useEndNotice(build, `${marks[state]} ${name}: ${states[state]}`);
  const joined = useHistoryState<{ joined?: boolean } | null>()?.joined;
  return (
    <>
      <PageHeading title={name} tab={`${marks[state]} ${name}`} hint={build.title || undefined}>
        <BuildStateBadge state={state} />
        {isActive(build) && canNotify() && (
          <Button variant="ghost" colorPalette="gray" size="sm" aria-pressed={notice.isWanted} onClick={() => void notice.ask()}>
            {notice.isWanted ? <BellRing aria-hidden /> : <Bell aria-hidden />}
            {notice.isWanted ? texts.build.notified : texts.build.notify}
          </Button>
        )}
        <CancelBuild build={build} me={me} />
      </PageHeading>
      <Stack gap="5">
        {joined && <Text color="fg.muted">{texts.build.joined}</Text>}
        <BuildFacts build={build} />
        {!build.reused && <BuildProgress build={build} />}
        {build.reused ? <Outcome build={build} me={me} /> : <WithLog build={build} me={me} />}
      </Stack>
    </>
  );
}

function WithLog({ build, me }: Props) {
  const store = useLog(build);
  return (
    <>
      {build.state === "failed" && <FailureSummary build={build} me={me} store={store} />}
      {!isActive(build) && build.state !== "failed" && <Outcome build={build} me={me} />}
      <LogViewer build={build} store={store} isLinked says={texts.build.states[build.state]} />
    </>
  );
}

function titleOf({ repo, ref, commit }: Build): string {
  return texts.build.title(shortName(repo), ref === "HEAD" ? "" : ref === commit ? commit.slice(0, 7) : ref);
}
