import { Box, Button, Heading, HStack, Stack, Text } from "@chakra-ui/react";
import { useEffect, useId, useRef } from "react";
import type { Build } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useCancelBuild } from "../../operations/useCancelBuild";
import { texts } from "../../texts";

/** Asks whether a build shall really end. The browser keeps the focus in it, closes it with Escape and gives the focus back. */
export function CancelDialog({ build, onClose }: { build: Build; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const id = useId();
  const cancel = useCancelBuild();
  useEffect(() => {
    dialog.current?.showModal();
    keep.current?.focus();
  }, []);
  const cancelled = () => {
    dialog.current?.close();
    focusOnHeading(); // the button that opened this goes with the build
  };
  return (
    <Box
      asChild
      m="auto"
      p="6"
      maxW="md"
      borderRadius="lg"
      bg="bg.panel"
      color="fg"
      shadow="lg"
      borderWidth="1px"
      _backdrop={{ bg: "blackAlpha.600" }}
    >
      <dialog ref={dialog} role="alertdialog" aria-labelledby={`${id}-title`} aria-describedby={`${id}-hint`} onClose={onClose}>
        <Stack gap="4">
          <Heading as="h2" size="md" id={`${id}-title`}>
            {texts.build.cancelTitle}
          </Heading>
          <Text id={`${id}-hint`}>{texts.build.cancelHint}</Text>
          {cancel.error && <ProblemAlert error={cancel.error} />}
          <HStack justify="end" wrap="wrap">
            <Button ref={keep} variant="outline" colorPalette="gray" onClick={() => dialog.current?.close()}>
              {texts.build.keep}
            </Button>
            <Button
              colorPalette="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(build.id, { onSuccess: cancelled })}
            >
              {texts.build.cancelNow}
            </Button>
          </HStack>
        </Stack>
      </dialog>
    </Box>
  );
}

function focusOnHeading(): void {
  const heading = document.querySelector<HTMLElement>("main h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}
