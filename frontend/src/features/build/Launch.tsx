import { Button } from "@chakra-ui/react";
import { Play } from "lucide-react";
import { Link } from "wouter";
import type { Image, Me } from "../../api/types";
import { NoServerInside } from "../../components/NoServerInside";
import { mayStart } from "../../operations/rights";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { useStartWish } from "./useStartWish";

/** To what can be done with the image that was built. */
export function Launch({ image, me }: { image: Image; me: Me }) {
  const startsServers = useInfo().data?.capabilities.servers;
  const wish = useStartWish();
  return (
    <>
      {startsServers && image.launchable === false && <NoServerInside isInPlace />}
      {startsServers && mayStart(me, image) && (
        <Button asChild size="sm" colorPalette="brand">
          <Link href={`/launch?${new URLSearchParams({ image: image.id, ...wish })}`}>
            <Play aria-hidden /> {texts.build.launch}
          </Link>
        </Button>
      )}
      <Button asChild size="sm" variant="outline" colorPalette="gray">
        <Link href={`/images/${image.id}`}>{texts.build.details}</Link>
      </Button>
    </>
  );
}
