import { Box, Heading, Stack } from "@chakra-ui/react";
import { useState } from "react";
import { useSearchParams } from "wouter";
import type { Me } from "../../api/types";
import { Breadcrumbs } from "../../components/Breadcrumbs";
import { useTitle } from "../../components/useTitle";
import { useStartServer } from "../../operations/useStartServer";
import { launch as words } from "../../texts/launch";
import { Asking } from "./Asking";
import { Choice } from "./Choice";
import { LaunchProblem } from "./LaunchProblem";
import { Starting } from "./Starting";
import { wishOf } from "./wish";

/** What an address such as `launch?repo=…` leads to. It asks first: a link alone starts nothing. */
export function LaunchPage({ me }: { me: Me }) {
  const [asked] = useSearchParams();
  const [wish] = useState(() => wishOf(asked));
  const start = useStartServer();
  useTitle(start.isPending || start.isSuccess ? words.startingTitle : words.title);
  return (
    <Stack gap="6">
      <Box mb="-4">
        <Breadcrumbs place={words.title} />
      </Box>
      {start.isPending && <Asking />}
      {start.data && <Starting key={start.submittedAt} server={start.data} onAgain={() => start.mutate(start.variables!)} />}
      {/* Kept while the hub is asked, so that what was chosen is still there when it refuses. */}
      <Stack gap="6" display={start.isPending || start.isSuccess ? "none" : "flex"}>
        <Heading as="h1" size="2xl">
          {words.title}
        </Heading>
        <Choice me={me} wish={wish} onStart={start.mutate} />
      </Stack>
      {start.error && (
        <LaunchProblem
          key={start.submittedAt}
          error={start.error}
          onStartAs={(server_name) => start.mutate({ ...start.variables!, server_name })}
        />
      )}
    </Stack>
  );
}
