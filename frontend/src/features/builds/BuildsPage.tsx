import { PageHeading } from "../../components/PageHeading";
import { texts } from "../../texts";
import { BuildTable } from "./BuildTable";

export function BuildsPage() {
  return (
    <>
      <PageHeading title={texts.shell.builds} />
      <BuildTable />
    </>
  );
}
