import { Heading, Link, Stack } from "@chakra-ui/react";
import { useEffect, useState } from "react";
import { useStartServer } from "./useStartServer";
import { Asking } from "./Asking";
import { Choice } from "./Choice";
import { LaunchProblem } from "./LaunchProblem";
import { Starting } from "./Starting";
import { wishOf } from "./wish";

/** What an address such as `launch?repo=…` leads to. It asks first: a link alone starts nothing. */
export function LaunchPage({ owner }: { owner: string | undefined }) {
  const [wish] = useState(() => wishOf(window.location.search));
  const start = useStartServer();
  useEffect(() => {
    document.title = "Launch an environment · repo2docker";
  }, []);
  return (
    <Stack gap="6">
      <Link href="." variant="underline" alignSelf="start">
        All environments
      </Link>
      {start.isPending && <Asking />}
      {start.data && <Starting server={start.data} onAgain={() => start.mutate(start.variables!)} />}
      {/* Kept while the hub is asked, so that what was chosen is still there when it refuses. */}
      <Stack gap="6" display={start.isPending || start.isSuccess ? "none" : "flex"}>
        <Heading as="h1" size="2xl">
          Launch an environment
        </Heading>
        <Choice wish={wish} owner={owner} onStart={start.mutate} />
      </Stack>
      {start.error && <LaunchProblem key={start.submittedAt} error={start.error} />}
    </Stack>
  );
}
