import { BuildLog } from "../../components/BuildLog";
import { PageHeading } from "../../components/PageHeading";

interface Props {
  parameters: Readonly<Record<string, string | undefined>>;
}

export function BuildPage({ parameters: { id = "" } }: Props) {
  return (
    <>
      <PageHeading title={`Build ${id.slice(0, 8)}`} />
      <BuildLog id={id} />
    </>
  );
}
