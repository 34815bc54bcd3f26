import { CloseButton, Dialog, Portal } from "@chakra-ui/react";
import { type ReactNode, type RefObject, useState } from "react";
import { texts } from "../texts";

interface Props {
  title: string;
  /** An alert asks for something that cannot be undone: a click beside it does not answer. */
  role?: "dialog" | "alertdialog";
  size?: "md" | "lg";
  /** What has the focus at first; else whatever is first. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** What opened it, where the focus goes back to. */
  opener: HTMLElement;
  /** Whether it can be closed now. */
  mayClose?: boolean;
  /** Called when it is gone. */
  onClosed: () => void;
  children: ReactNode;
  footer?: (close: () => void) => ReactNode;
}

/** A dialog that is open from the beginning until somebody closes it. */
export function OpenDialog({ title, role = "dialog", size = "md", initialFocus, opener, mayClose = true, onClosed, children, footer }: Props) {
  const [isOpen, setIsOpen] = useState(true);
  const close = () => setIsOpen(false);
  return (
    <Dialog.Root
      open={isOpen}
      role={role}
      size={size}
      scrollBehavior="inside"
      placement={{ base: "bottom", md: "center" }}
      closeOnInteractOutside={role === "dialog"}
      closeOnEscape={mayClose}
      {...(initialFocus && { initialFocusEl: () => initialFocus.current })}
      finalFocusEl={() => focusable(opener)}
      onOpenChange={({ open }) => !open && mayClose && close()}
      onExitComplete={onClosed}
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner>
          <Dialog.Content>
            <Dialog.Header pe="12">
              <Dialog.Title overflowWrap="anywhere">{title}</Dialog.Title>
            </Dialog.Header>
            <Dialog.Body>{children}</Dialog.Body>
            {footer && <Dialog.Footer flexWrap="wrap">{footer(close)}</Dialog.Footer>}
            {mayClose && (
              <Dialog.CloseTrigger asChild>
                <CloseButton size="sm" colorPalette="gray" aria-label={texts.share.close} />
              </Dialog.CloseTrigger>
            )}
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

/** What opened the dialog, or the page's heading when that is gone. */
function focusable(opener: HTMLElement): HTMLElement | null {
  if (opener.isConnected) {
    return opener;
  }
  const heading = document.querySelector<HTMLElement>("main h1");
  heading?.setAttribute("tabindex", "-1");
  return heading;
}
