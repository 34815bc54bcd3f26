import { Alert } from "@chakra-ui/react";
import { texts } from "../texts";

/** Says that somebody put something else in the place of what was built. */
export function ReplacedNote() {
  const { replaced, replacedHint } = texts.images;
  return (
    <Alert.Root status="error">
      <Alert.Indicator />
      <Alert.Content>
        <Alert.Title>{replaced}</Alert.Title>
        <Alert.Description>{replacedHint}</Alert.Description>
      </Alert.Content>
    </Alert.Root>
  );
}
