import { Heading, Stack, Text } from "@chakra-ui/react";
import type { Me } from "../api/types";
import { BuildTable } from "../features/builds/BuildTable";
import { StartBuildForm } from "../features/builds/StartBuildForm";
import { ImageTable } from "../features/images/ImageTable";
import { ServerTable } from "../features/servers/ServerTable";
import { useInfo } from "../features/service/useInfo";

const ASK = "You may look at environments, not build them. Ask an administrator of the hub to let you build.";

export function Home({ me }: { me: Me }) {
  const maySee = me.permissions.includes("images:read"); // else the lists say what is missing
  const mayLaunch = useInfo().data?.capabilities.servers === true;
  return (
    <Stack gap="10">
      <Heading as="h1" size="2xl">
        Environments
      </Heading>
      {me.owners.length > 0 ? <StartBuildForm owners={me.owners} /> : maySee && <Text color="fg.muted">{ASK}</Text>}
      {mayLaunch && <ServerTable />}
      <ImageTable mayLaunch={mayLaunch} />
      <BuildTable />
    </Stack>
  );
}
