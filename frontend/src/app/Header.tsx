import { Container, Flex, HStack, Link, Span, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Me } from "../api/types";
import { texts } from "../texts";
import { ColorModeChooser } from "./ColorModeChooser";
import { Navigation } from "./Navigation";

export function Header({ me }: { me: Me | undefined }) {
  return (
    <Flex as="header" borderBottomWidth="1px" bg="bg.subtle" py="2">
      <Container maxW="6xl" display="flex" flexWrap="wrap" alignItems="center" columnGap="6" rowGap="2">
        <Link asChild fontWeight="semibold" color="fg">
          <RouteLink href="/">{texts.shell.product}</RouteLink>
        </Link>
        {me && <Navigation me={me} />}
        <HStack columnGap="4" rowGap="1" color="fg.muted" textStyle="sm" marginStart="auto" flexWrap="wrap">
          {me && (
            <>
              {me.home && <Link href={me.home}>{texts.shell.hubHome}</Link>}
              <Text>
                <Span srOnly={{ base: true, md: false }}>{texts.shell.signedInAs}</Span> {me.name}
              </Text>
              <Link href="logout">{texts.shell.logOut}</Link>
            </>
          )}
          <ColorModeChooser />
        </HStack>
      </Container>
    </Flex>
  );
}
