import { Container, Flex, HStack, Link, Text } from "@chakra-ui/react";
import type { Me } from "../api/types";

export function Header({ me }: { me: Me | undefined }) {
  return (
    <Flex as="header" borderBottomWidth="1px" bg="bg.subtle" py="3">
      <Container maxW="6xl" display="flex" justifyContent="space-between" gap="4">
        <Text fontWeight="semibold">repo2docker</Text>
        {me && (
          <HStack gap="4" color="fg.muted">
            <Text>Signed in as {me.name}</Text>
            {me.login && <Link href={`${me.login}?next=${encodeURIComponent(here())}`}>Refresh my permissions</Link>}
            <Link href="logout">Log out</Link>
          </HStack>
        )}
      </Container>
    </Flex>
  );
}

const here = () => window.location.pathname + window.location.search;
