import type { Me } from "../../api/types";
import { PageHeading } from "../../components/PageHeading";
import { ToEnvironments } from "../../components/ToEnvironments";
import { texts } from "../../texts";
import { Administration } from "./Administration";

/** What only administrators see. For others nothing is asked of the service. */
export function AdminPage({ me }: { me: Me }) {
  if (!me.admin) {
    return (
      <>
        <PageHeading title={texts.shell.notForYou} hint={texts.shell.notForYouHint} />
        <ToEnvironments />
      </>
    );
  }
  return <Administration />;
}
