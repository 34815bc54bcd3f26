import { Text } from "@chakra-ui/react";
import { useState } from "react";
import { ListTable } from "../../components/ListTable";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { BuildRow } from "./BuildRow";
import { useBuilds } from "../../operations/useBuilds";

const COLUMNS = ["Repository", "Version", "State", "Started", "Log"];

/** The builds. One log at a time is open: each holds a connection, of which browsers have few. */
export function BuildTable() {
  const { data, error } = useBuilds();
  const [openLog, setOpenLog] = useState<string | null>(null);
  return (
    <Section title="Builds">
      {error && <ProblemAlert error={error} />}
      {data?.items.length === 0 && <Text color="fg.muted">Nothing was built lately.</Text>}
      {data && data.items.length > 0 && (
        <ListTable columns={COLUMNS}>
          {data.items.map((build) => (
            <BuildRow
              key={build.id}
              build={build}
              isLogOpen={build.id === openLog}
              onToggleLog={() => setOpenLog(build.id === openLog ? null : build.id)}
              columns={COLUMNS.length}
            />
          ))}
        </ListTable>
      )}
    </Section>
  );
}
