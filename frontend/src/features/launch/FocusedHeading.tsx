import { Heading } from "@chakra-ui/react";
import { type ReactNode, useEffect, useRef } from "react";

/** A page's heading that takes the focus when it appears: the button that was pressed is gone. */
export function FocusedHeading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Heading as="h1" size="2xl" ref={heading} tabIndex={-1} outline="none">
      {children}
    </Heading>
  );
}
