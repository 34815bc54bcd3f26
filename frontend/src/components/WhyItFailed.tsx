import { Code, Text } from "@chakra-ui/react";
import type { Cause } from "../api/types";
import { texts } from "../texts";

/** The line of the log that says why a build failed, and what to do. */
export function WhyItFailed({ cause }: { cause: Cause }) {
  return (
    <Text textStyle="sm" color="fg.muted" mt="1" maxW={{ md: "sm" }}>
      {cause.advice} {texts.build.line(cause.line)}:{" "}
      <Code size="sm" variant="surface" whiteSpace="pre-wrap" overflowWrap="anywhere">
        {cause.text}
      </Code>
    </Text>
  );
}
