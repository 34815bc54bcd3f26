import { Button, EmptyState, VStack } from "@chakra-ui/react";
import { Component, type ReactNode } from "react";
import { texts } from "../texts";

const LAST = "loaded-again-at";
const TOO_SOON = 30_000;

interface Props {
  children: ReactNode;
}

/** Keeps one page that fails from taking all with it. A part that is gone, since the service has a new page, is loaded. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error) {
    if (error.name === "ChunkLoadError" && mayLoadAgain()) {
      window.location.reload();
    }
  }

  override render() {
    if (!this.state.error) {
      return this.props.children;
    }
    return (
      <EmptyState.Root role="alert">
        <EmptyState.Content>
          <VStack>
            <EmptyState.Title as="h1">{texts.shell.crashed}</EmptyState.Title>
            <EmptyState.Description>{texts.shell.crashedHint}</EmptyState.Description>
          </VStack>
          <Button onClick={() => window.location.reload()}>{texts.shell.reload}</Button>
        </EmptyState.Content>
      </EmptyState.Root>
    );
  }
}

/** Whether loading again is worth a try: not when that has just been in vain. */
function mayLoadAgain(): boolean {
  const last = Number(window.sessionStorage.getItem(LAST) ?? 0);
  window.sessionStorage.setItem(LAST, String(Date.now()));
  return Date.now() - last > TOO_SOON;
}
