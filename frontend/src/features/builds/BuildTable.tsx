import type { Build, Me } from "../../api/types";
import { ListTable } from "../../components/ListTable";
import { builds as words } from "../../texts/builds";
import { BuildRow } from "./BuildRow";

interface Props {
  me: Me;
  builds: readonly Build[];
  onCancel: (build: Build, opener: HTMLElement) => void;
}

export function BuildTable({ me, builds, onCancel }: Props) {
  return (
    <ListTable columns={words.columns}>
      {builds.map((build) => (
        <BuildRow key={build.id} me={me} build={build} onCancel={onCancel} />
      ))}
    </ListTable>
  );
}
