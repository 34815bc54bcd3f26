import { Button, Stack, Text } from "@chakra-ui/react";
import { launch as words } from "../../texts/launch";
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
      <Text>{words.nothingBuilt(spoken(wish))}</Text>
      {mayBuild ? (
        !isBuilding && <Button onClick={onBuild}>{words.buildIt}</Button>
      ) : (
        <Text color="fg.muted">
          {words.askSomebody}
        </Text>
      )}
    </Stack>
  );
}
