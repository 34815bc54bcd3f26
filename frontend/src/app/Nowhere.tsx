import { PageHeading } from "../components/PageHeading";
import { ToEnvironments } from "../components/ToEnvironments";
import { texts } from "../texts";

export function Nowhere() {
  return (
    <>
      <PageHeading title={texts.shell.nowhere} hint={texts.shell.nowhereHint} />
      <ToEnvironments />
    </>
  );
}
