import { Button } from "@chakra-ui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useKeys } from "../components/keys/useKeys";
import { part } from "../components/part";
import { texts } from "../texts";
import { ErrorBoundary } from "./ErrorBoundary";

const KeysDialog = part(async () => (await import(/* webpackChunkName: "keys" */ "../components/keys/KeysDialog")).KeysDialog);

interface Props {
  /** Whether there is a page where something is built. */
  mayBuild: boolean;
}

/** The keys that do something on every page, and the list of all, which is there without keys too. */
export function Shortcuts({ mayBuild }: Props) {
  const [, go] = useLocation();
  const [opener, setOpener] = useState<HTMLElement>();
  useKeys({
    "?": () => setOpener((document.activeElement ?? document.body) as HTMLElement),
    ...(mayBuild && { b: () => go("/new") }),
  });
  return (
    <>
      <Button
        variant="plain"
        size="xs"
        h="6"
        px="0"
        color="colorPalette.fg"
        fontWeight="normal"
        onClick={({ currentTarget }) => setOpener(currentTarget)}
      >
        {texts.shell.shortcuts}
      </Button>
      <ErrorBoundary level="h2">{opener && <KeysDialog opener={opener} onClosed={() => setOpener(undefined)} />}</ErrorBoundary>
    </>
  );
}
