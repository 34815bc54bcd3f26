import { Text } from "@chakra-ui/react";
import { ListTable } from "../../components/ListTable";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { ServerRow } from "./ServerRow";
import { useServers } from "../../operations/useServers";

const COLUMNS = ["Server", "State", "Last used", "Open or stop"];

/** The servers of who is signed in, whatever they were started from. */
export function ServerTable() {
  const { data, error } = useServers();
  return (
    <Section title="My servers">
      {error && <ProblemAlert error={error} />}
      {data?.length === 0 && <Text color="fg.muted">You have no server now. Launch an environment to start one.</Text>}
      {data && data.length > 0 && (
        <ListTable columns={COLUMNS}>
          {data.map((server) => (
            <ServerRow key={server.name} server={server} />
          ))}
        </ListTable>
      )}
    </Section>
  );
}
