import { Alert, Container } from "@chakra-ui/react";
import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { problems as words } from "../texts/problems";

const subscribe = (changed: () => void) => onlineManager.subscribe(changed);

/** Says on every page that nothing comes from the network now. */
export function OfflineBanner() {
  const isOnline = useSyncExternalStore(subscribe, () => onlineManager.isOnline());
  return (
    <Container maxW="6xl" role="status" pt={isOnline ? "0" : "4"}>
      {!isOnline && (
        <Alert.Root status="warning">
          <Alert.Indicator />
          <Alert.Title>{words.offline}</Alert.Title>
        </Alert.Root>
      )}
    </Container>
  );
}
