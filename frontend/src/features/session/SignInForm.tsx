import { Button, Field, Heading, Input, Stack, Text } from "@chakra-ui/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Problem } from "../../api/problem";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useTitle } from "../../components/useTitle";
import { session as words } from "../../texts/session";
import { signIn } from "./api";
import { sessionKey } from "./useSession";

const LINK_REFUSED = Problem.of({ status: 401, detail: words.linkRefused });
const TOKEN_REFUSED = Problem.of({ status: 401, detail: words.tokenRefused });

/** The way in for people who did not come through the link with a token. */
export function SignInForm({ linkRefused }: { linkRefused: boolean }) {
  const queries = useQueryClient();
  useTitle(words.title);
  const entry = useMutation({
    mutationFn: (form: FormData) => signIn(String(form.get("token"))),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  });
  return (
    <Stack asChild gap="4" maxW="lg">
      <form action={(form) => entry.mutate(form)}>
        <Heading as="h1" size="xl">
          {words.title}
        </Heading>
        {linkRefused && entry.isIdle && <ProblemAlert error={LINK_REFUSED} />}
        <Text>{words.hint}</Text>
        <Field.Root required>
          <Field.Label>{words.token}</Field.Label>
          <Input name="token" type="password" autoComplete="off" />
        </Field.Root>
        {entry.error && <ProblemAlert error={isRefusal(entry.error) ? TOKEN_REFUSED : entry.error} />}
        <Button type="submit" loading={entry.isPending} alignSelf="start">
          {words.signIn}
        </Button>
      </form>
    </Stack>
  );
}

/** The service's own words are those for programs that send none. */
function isRefusal(error: Error): boolean {
  return error instanceof Problem && error.status === 401;
}
