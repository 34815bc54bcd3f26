import { HStack, Link } from "@chakra-ui/react";
import { Link as RouteLink, useRoute } from "wouter";
import type { Me } from "../api/types";
import { useInfo } from "../operations/useInfo";
import { texts } from "../texts";

interface Props {
  me: Me;
  /** Whether it is out of the way on narrow screens. */
  isFolded: boolean;
}

/** Where one can go: nothing is shown that would only be refused. */
export function Navigation({ me, isFolded }: Props) {
  const capabilities = useInfo().data?.capabilities ?? {};
  return (
    <HStack
      as="nav"
      aria-label={texts.shell.navigation}
      textStyle="sm"
      columnGap="4"
      rowGap="1"
      flexWrap="wrap"
      order={{ base: 1, lg: 0 }}
      flexBasis={{ base: "full", lg: "auto" }}
      {...(isFolded && { hideBelow: "md" })}
    >
      <To href="/">{texts.shell.environments}</To>
      {me.owners.length > 0 && <To href="/new">{texts.shell.newBuild}</To>}
      <To href="/builds">{texts.shell.builds}</To>
      {capabilities.servers && <To href="/servers">{texts.shell.servers}</To>}
      {me.admin && <To href="/admin">{texts.shell.administration}</To>}
      <To href="/help">{texts.shell.help}</To>
    </HStack>
  );
}

function To({ href, children }: { href: string; children: string }) {
  const [isHere] = useRoute(href === "/" ? "/" : `${href}/*?`);
  return (
    <Link asChild color={isHere ? "fg" : "fg.muted"} fontWeight={isHere ? "semibold" : "normal"} minH="6">
      <RouteLink href={href} aria-current={isHere ? "page" : undefined}>
        {children}
      </RouteLink>
    </Link>
  );
}
