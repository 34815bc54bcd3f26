import { Heading, Link, Stack } from "@chakra-ui/react";
import { useState } from "react";
import type { Me } from "../../api/types";
import { useTitle } from "../../components/useTitle";
import { useStartServer } from "../../operations/useStartServer";
import { Asking } from "./Asking";
import { Choice } from "./Choice";
import { LaunchProblem } from "./LaunchProblem";
import { Starting } from "./Starting";
import { wishOf } from "./wish";

/** What an address such as `launch?repo=…` leads to. It asks first: a link alone starts nothing. */
export function LaunchPage({ me: { owners } }: { me: Me }) {
  const [wish] = useState(() => wishOf(window.location.search));
  const start = useStartServer();
  useTitle("Launch an environment");
  return (
    <Stack gap="6">
      <Link href="." variant="underline" alignSelf="start">
        All environments
      </Link>
      {start.isPending && <Asking />}
      {start.data && <Starting key={start.submittedAt} server={start.data} onAgain={() => start.mutate(start.variables!)} />}
      {/* Kept while the hub is asked, so that what was chosen is still there when it refuses. */}
      <Stack gap="6" display={start.isPending || start.isSuccess ? "none" : "flex"}>
        <Heading as="h1" size="2xl">
          Launch an environment
        </Heading>
        <Choice wish={wish} owner={owners[0]} onStart={start.mutate} />
      </Stack>
      {start.error && <LaunchProblem key={start.submittedAt} error={start.error} />}
    </Stack>
  );
}
