import { Container, Flex, Text } from "@chakra-ui/react";

export function Header({ userName }: { userName: string | undefined }) {
  return (
    <Flex as="header" borderBottomWidth="1px" bg="bg.subtle" py="3">
      <Container maxW="6xl" display="flex" justifyContent="space-between" gap="4">
        <Text fontWeight="semibold">repo2docker</Text>
        {userName && <Text color="fg.muted">Signed in as {userName}</Text>}
      </Container>
    </Flex>
  );
}
