import { Link } from "@chakra-ui/react";
import type { MouseEvent } from "react";
import { texts } from "../texts";

/** The first stop of the keyboard: past the navigation. */
export function SkipLink() {
  const skip = (event: MouseEvent) => {
    event.preventDefault(); // the document's base would make it lead to the first page
    document.getElementById("main")?.focus();
  };
  return (
    <Link
      href="#main"
      onClick={skip}
      position="absolute"
      left="2"
      top="-20"
      zIndex="skipNav"
      bg="bg.panel"
      px="4"
      py="2"
      _focusVisible={{ top: "2" }}
    >
      {texts.shell.skip}
    </Link>
  );
}
