import { Text } from "@chakra-ui/react";
import { LoadingRows } from "../../components/LoadingRows";
import { PageHeading } from "../../components/PageHeading";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { servers as words } from "../../texts/servers";
import { Servers } from "./Servers";

/** The servers of who is signed in. Where none are started nobody is asked for any. */
export function ServersPage() {
  const { data: info, error, refetch } = useInfo();
  const startsServers = info?.capabilities.servers;
  return (
    <>
      <PageHeading title={texts.shell.servers} hint={startsServers ? words.hint : undefined} />
      {!info && (error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <LoadingRows label={words.loading} rows={2} />)}
      {info && !startsServers && <Text color="fg.muted">{words.noServers}</Text>}
      {startsServers && <Servers />}
    </>
  );
}
