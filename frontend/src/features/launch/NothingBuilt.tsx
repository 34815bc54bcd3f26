import { Button, Stack, Text } from "@chakra-ui/react";
import { spoken, type Wish } from "./wish";

interface Props {
  wish: Wish;
  mayBuild: boolean;
  isBuilding: boolean;
  onBuild: () => void;
}

/** There is nothing to start yet: offer to build it, or say whom to ask. */
export function NothingBuilt({ wish, mayBuild, isBuilding, onBuild }: Props) {
  return (
    <Stack gap="4" align="start">
      <Text>Nothing is built of {spoken(wish)} yet.</Text>
      {mayBuild ? (
        !isBuilding && <Button onClick={onBuild}>Build it</Button>
      ) : (
        <Text color="fg.muted">
          You may launch what is built, not build. Ask whoever gave you this link to build it, or ask an administrator of
          the hub to let you build.
        </Text>
      )}
    </Stack>
  );
}
