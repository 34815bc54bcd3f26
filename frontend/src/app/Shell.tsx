import { Container, Flex } from "@chakra-ui/react";
import type { ReactNode } from "react";
import type { Me } from "../api/types";
import { LOADING } from "../components/Loading";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { OfflineBanner } from "./OfflineBanner";
import { SkipLink } from "./SkipLink";

/** What is below something that is being loaded would jump away from under who reads it. */
const quietly = { [`&:has(main ${LOADING}) > footer`]: { visibility: "hidden" } };

/** What is around every page. */
export function Shell({ me, children }: { me: Me | undefined; children: ReactNode }) {
  return (
    <Flex direction="column" minH="100vh" css={quietly}>
      <SkipLink />
      <Header me={me} />
      <OfflineBanner />
      <Container as="main" id="main" tabIndex={-1} maxW="6xl" py="8" flex="1" outline="none">
        {children}
      </Container>
      <Footer me={me} />
    </Flex>
  );
}
