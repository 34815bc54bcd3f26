import { Button, Field, Heading, Input, Stack, Text } from "@chakra-ui/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ProblemAlert } from "../../components/ProblemAlert";
import { signIn } from "./api";
import { sessionKey } from "./useSession";

/** The way in for people who did not come through the link with a token. */
export function SignInForm() {
  const queries = useQueryClient();
  const entry = useMutation({
    mutationFn: (form: FormData) => signIn(String(form.get("token"))),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  });
  return (
    <Stack asChild gap="4" maxW="lg">
      <form action={(form) => entry.mutate(form)}>
        <Heading as="h1" size="xl">
          Sign in
        </Heading>
        <Text>Open the link that the service printed when it started, or give its token here.</Text>
        <Field.Root required>
          <Field.Label>Token</Field.Label>
          <Input name="token" type="password" autoComplete="off" />
        </Field.Root>
        {entry.error && <ProblemAlert error={entry.error} />}
        <Button type="submit" loading={entry.isPending} alignSelf="start">
          Sign in
        </Button>
      </form>
    </Stack>
  );
}
