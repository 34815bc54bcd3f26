import { Alert } from "@chakra-ui/react";
import { useCallback, useState } from "react";
import type { Server } from "../../api/types";
import { ListTable } from "../../components/ListTable";
import { LoadingRows } from "../../components/LoadingRows";
import { part } from "../../components/part";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useInfo } from "../../operations/useInfo";
import { useServers } from "../../operations/useServers";
import { servers as words } from "../../texts/servers";
import { NoServers } from "./NoServers";
import { ServerRow } from "./ServerRow";

const StopDialog = part(async () => (await import(/* webpackChunkName: "stop" */ "./StopDialog")).StopDialog);

/** Those that there are; what was known stays where they cannot be asked for anew. */
export function Servers() {
  const { data, error, refetch } = useServers();
  const profiles = useInfo().data?.profiles ?? [];
  // One at a time: browsers open few connections, and each that is followed keeps one.
  const starting = data?.find(({ state }) => state === "starting");
  const [failure, setFailure] = useState<{ name: string; why: string }>();
  const [asking, setAsking] = useState<{ server: Server; opener: HTMLElement }>();
  const name = starting && (starting.title || starting.name || words.yours);
  const keepFailure = useCallback((why: string) => setFailure({ name: name ?? words.yours, why }), [name]);
  return (
    <>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {failure && (
        <Alert.Root status="error" role="alert" mb="4">
          <Alert.Indicator />
          <Alert.Content>
            <Alert.Title>{words.failed(failure.name)}</Alert.Title>
            <Alert.Description>{failure.why}</Alert.Description>
          </Alert.Content>
        </Alert.Root>
      )}
      {!data && !error && <LoadingRows label={words.loading} rows={2} />}
      {data?.length === 0 && <NoServers />}
      {data && data.length > 0 && (
        <ListTable columns={words.columns}>
          {data.map((server) => (
            <ServerRow
              key={server.name}
              server={server}
              size={profiles.find(({ slug }) => slug === server.profile)?.title ?? server.profile}
              onFailed={server === starting ? keepFailure : undefined}
              onStop={(server, opener) => setAsking({ server, opener })}
            />
          ))}
        </ListTable>
      )}
      {asking && <StopDialog {...asking} onClosed={() => setAsking(undefined)} />}
    </>
  );
}
