import { Text } from "@chakra-ui/react";
import type { Me } from "../../api/types";
import { PageHeading } from "../../components/PageHeading";
import { texts } from "../../texts";
import { StartBuildForm } from "./StartBuildForm";

const ASK = "You may look at environments, not build them. Ask an administrator of the hub to let you build.";

export function NewBuildPage({ me }: { me: Me }) {
  return (
    <>
      <PageHeading title={texts.shell.newBuild} />
      {me.owners.length > 0 ? <StartBuildForm owners={me.owners} /> : <Text color="fg.muted">{ASK}</Text>}
    </>
  );
}
