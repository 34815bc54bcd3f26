import { Text } from "@chakra-ui/react";
import type { Me } from "../../api/types";
import { PageHeading } from "../../components/PageHeading";
import { newBuild as words } from "../../texts/newBuild";
import { NewBuildForm } from "./NewBuildForm";

export function NewBuildPage({ me }: { me: Me }) {
  const mayBuild = me.owners.length > 0;
  return (
    <>
      <PageHeading title={words.title} hint={mayBuild ? words.hint : undefined} />
      {mayBuild ? <NewBuildForm me={me} /> : <Text color="fg.muted">{words.viewersOnly}</Text>}
    </>
  );
}
