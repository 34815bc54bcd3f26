import { Button, EmptyState, VStack } from "@chakra-ui/react";
import { Component, type ReactNode } from "react";
import { texts } from "../texts";
import { loadNewPage } from "./newPage";

interface Props {
  children: ReactNode;
  /** What is said in its place: the page's heading, unless the page is still there. */
  level?: "h1" | "h2";
}

/** Keeps a page, or a part of one, that fails from taking all with it. A part that is gone, since the service has a new page, is loaded. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error) {
    if (isMissingPart(error)) {
      void loadNewPage();
    }
  }

  override render() {
    const { error } = this.state;
    if (!error) {
      return this.props.children;
    }
    const [title, hint] = isMissingPart(error)
      ? [texts.shell.partMissing, texts.shell.partMissingHint]
      : [texts.shell.crashed, texts.shell.crashedHint];
    return (
      <EmptyState.Root role="alert">
        <EmptyState.Content>
          <VStack>
            <EmptyState.Title as={this.props.level ?? "h1"}>{title}</EmptyState.Title>
            <EmptyState.Description>{hint}</EmptyState.Description>
          </VStack>
          <Button onClick={() => window.location.reload()}>{texts.shell.reload}</Button>
        </EmptyState.Content>
      </EmptyState.Root>
    );
  }
}

function isMissingPart(error: Error): boolean {
  return error.name === "ChunkLoadError";
}
