import { Button, Container, Flex, HStack, Link, Span, Text } from "@chakra-ui/react";
import { Menu } from "lucide-react";
import { useState } from "react";
import { Link as RouteLink, useLocation } from "wouter";
import type { Me } from "../api/types";
import { texts } from "../texts";
import { ColorModeChooser } from "./ColorModeChooser";
import { Navigation } from "./Navigation";

/** Where one can go, and who one is. On narrow screens most of it comes up when it is asked for, until one has gone somewhere. */
export function Header({ me }: { me: Me | undefined }) {
  const [location] = useLocation();
  const [openAt, setOpenAt] = useState<string>();
  const isOpen = openAt === location;
  const isFolded = me !== undefined && !isOpen;
  return (
    <Flex as="header" borderBottomWidth="1px" bg="bg.subtle" py="2">
      <Container maxW="6xl" display="flex" flexWrap="wrap" alignItems="center" columnGap="4" rowGap="2">
        <Link asChild fontWeight="semibold" color="fg" me="2">
          <RouteLink href="/">{texts.shell.product}</RouteLink>
        </Link>
        {me && (
          <HStack gap="4" flex="0 1 auto" minW="0" marginStart="auto" order={{ lg: 1 }}>
            <Text color="fg.muted" textStyle="sm" overflowWrap="anywhere">
              <Span srOnly={{ base: true, md: false }}>{texts.shell.signedInAs}</Span> {me.name}
            </Text>
            <Button
              hideFrom="md"
              size="xs"
              variant="outline"
              colorPalette="gray"
              aria-expanded={isOpen}
              onClick={() => setOpenAt(isOpen ? undefined : location)}
            >
              <Menu aria-hidden />
              {texts.shell.menu}
            </Button>
          </HStack>
        )}
        {me && <Navigation me={me} isFolded={isFolded} />}
        <HStack
          columnGap="4"
          rowGap="1"
          flexWrap="wrap"
          color="fg.muted"
          textStyle="sm"
          order={{ base: 2, md: 0, lg: 2 }}
          {...(!me && { marginStart: "auto" })}
          {...(isFolded && { hideBelow: "md" })}
        >
          {me?.home && <Link href={me.home}>{texts.shell.hubHome}</Link>}
          {me && <Link href="logout">{texts.shell.logOut}</Link>}
          <ColorModeChooser />
        </HStack>
      </Container>
    </Flex>
  );
}
