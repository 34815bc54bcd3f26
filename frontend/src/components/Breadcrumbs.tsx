import { Breadcrumb } from "@chakra-ui/react";
import { Link } from "wouter";
import { texts } from "../texts";

/** The way back from something in the list of environments. */
export function Breadcrumbs({ place }: { place: string }) {
  return (
    <Breadcrumb.Root mb="2" aria-label={texts.image.way}>
      <Breadcrumb.List>
        <Breadcrumb.Item>
          <Breadcrumb.Link asChild minH="6" alignItems="center">
            <Link href="/">{texts.shell.environments}</Link>
          </Breadcrumb.Link>
        </Breadcrumb.Item>
        <Breadcrumb.Separator />
        <Breadcrumb.Item>
          <Breadcrumb.CurrentLink>{place}</Breadcrumb.CurrentLink>
        </Breadcrumb.Item>
      </Breadcrumb.List>
    </Breadcrumb.Root>
  );
}
