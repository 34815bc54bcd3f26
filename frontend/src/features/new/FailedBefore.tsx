import { Alert, Button, HStack } from "@chakra-ui/react";
import { Link } from "wouter";
import type { Build } from "../../api/types";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  build: Build;
  isBusy: boolean;
  onBuild: () => void;
}

/** The same has just failed by its own fault: nothing was begun. */
export function FailedBefore({ build, isBusy, onBuild }: Props) {
  return (
    <Alert.Root status="warning" role="alert">
      <Alert.Indicator />
      <Alert.Content gap="3">
        <Alert.Title>{words.failedBefore}</Alert.Title>
        <HStack wrap="wrap">
          <Button asChild size="sm" variant="surface" colorPalette="gray">
            <Link href={`/builds/${build.id}`}>{words.itsLog}</Link>
          </Button>
          <Button size="sm" variant="outline" colorPalette="gray" loading={isBusy} onClick={onBuild}>
            {words.buildIt}
          </Button>
        </HStack>
      </Alert.Content>
    </Alert.Root>
  );
}
