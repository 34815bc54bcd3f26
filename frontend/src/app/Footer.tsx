import { Container, HStack, Link, Text } from "@chakra-ui/react";
import type { Me } from "../api/types";
import { loginAddress } from "../components/here";
import { useInfo } from "../operations/useInfo";
import { texts } from "../texts";
import { Shortcuts } from "./Shortcuts";

export function Footer({ me }: { me: Me | undefined }) {
  const info = useInfo().data;
  return (
    <Container as="footer" maxW="6xl" py="4" color="fg.muted" textStyle="xs">
      <HStack gap="4" flexWrap="wrap">
        {info && <Text>{texts.shell.version(info.version)}</Text>}
        <Link href="api/v1/openapi.json">{texts.shell.apiDocs}</Link>
        {me?.login && <Link href={loginAddress(me.login)}>{texts.shell.refresh}</Link>}
        <Shortcuts mayBuild={!!me?.owners.length} />
      </HStack>
    </Container>
  );
}
