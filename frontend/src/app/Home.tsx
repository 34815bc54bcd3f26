import { Heading, Stack } from "@chakra-ui/react";
import { BuildTable } from "../features/builds/BuildTable";
import { StartBuildForm } from "../features/builds/StartBuildForm";
import { ImageTable } from "../features/images/ImageTable";

export function Home() {
  return (
    <Stack gap="10">
      <Heading as="h1" size="2xl">
        Environments
      </Heading>
      <StartBuildForm />
      <ImageTable />
      <BuildTable />
    </Stack>
  );
}
