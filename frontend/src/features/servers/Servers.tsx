import { ListTable } from "../../components/ListTable";
import { LoadingRows } from "../../components/LoadingRows";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useServers } from "../../operations/useServers";
import { servers as words } from "../../texts/servers";
import { NoServers } from "./NoServers";
import { ServerRow } from "./ServerRow";

/** Those that there are; what was known stays where they cannot be asked for anew. */
export function Servers() {
  const { data, error, refetch } = useServers();
  return (
    <>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <LoadingRows label={words.loading} rows={2} />}
      {data?.length === 0 && <NoServers />}
      {data && data.length > 0 && (
        <ListTable columns={Object.values(words.columns)}>
          {data.map((server) => (
            <ServerRow key={server.name} server={server} />
          ))}
        </ListTable>
      )}
    </>
  );
}
