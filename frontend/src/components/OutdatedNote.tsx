import { Alert } from "@chakra-ui/react";
import { texts } from "../texts";

interface Props {
  /** A sentence that says what has changed. */
  why: string;
  /** What that means here. */
  advice: string;
}

/** Says why a build of today would differ. */
export function OutdatedNote({ why, advice }: Props) {
  return (
    <Alert.Root status="warning">
      <Alert.Indicator />
      <Alert.Content>
        <Alert.Title>{texts.images.badges.outdated}</Alert.Title>
        <Alert.Description overflowWrap="anywhere">
          {why} {advice}
        </Alert.Description>
      </Alert.Content>
    </Alert.Root>
  );
}
