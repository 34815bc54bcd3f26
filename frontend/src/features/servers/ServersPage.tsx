import { PageHeading } from "../../components/PageHeading";
import { texts } from "../../texts";
import { ServerTable } from "./ServerTable";

export function ServersPage() {
  return (
    <>
      <PageHeading title={texts.shell.servers} />
      <ServerTable />
    </>
  );
}
