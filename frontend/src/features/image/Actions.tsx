import { Button, Text } from "@chakra-ui/react";
import { Play, RotateCw, Share2, Trash2 } from "lucide-react";
import { Link, useLocation } from "wouter";
import type { Image, Me } from "../../api/types";
import { formAddress } from "../../components/formAddress";
import { NoServerInside } from "../../components/NoServerInside";
import { ProblemAlert } from "../../components/ProblemAlert";
import { mayDelete, mayRebuild, mayStart } from "../../operations/rights";
import { useInfo } from "../../operations/useInfo";
import { useRebuild } from "../../operations/useRebuild";
import { texts } from "../../texts";

interface Props {
  me: Me;
  image: Image;
  onShare: (opener: HTMLElement) => void;
  onDelete: (opener: HTMLElement) => void;
}

/** What can be done with an environment. */
export function Actions({ me, image, onShare, onDelete }: Props) {
  const words = texts.image;
  const mayLaunch = useInfo().data?.capabilities.servers === true;
  const [, navigate] = useLocation();
  const rebuild = useRebuild();
  const begin = () => rebuild.mutate(image, { onSuccess: ({ id }) => navigate(`/builds/${id}`) });
  return (
    <>
      {mayLaunch && image.launchable === false && <NoServerInside isInPlace />}
      {mayLaunch && mayStart(me, image) && (
        <Button asChild>
          <Link href={`/launch?image=${image.id}`}>
            <Play aria-hidden />
            {texts.images.launch}
          </Link>
        </Button>
      )}
      {mayLaunch && (
        <Button variant="outline" colorPalette="gray" onClick={({ currentTarget }) => onShare(currentTarget)}>
          <Share2 />
          {words.share}
        </Button>
      )}
      {mayRebuild(me, image) &&
        (image.private ? (
          <Button asChild variant="outline" colorPalette="gray">
            <Link href={formAddress(image)}>
              <RotateCw aria-hidden />
              {words.rebuild}
            </Link>
          </Button>
        ) : (
          <Button variant="outline" colorPalette="gray" loading={rebuild.isPending} title={words.rebuildHint} onClick={begin}>
            <RotateCw />
            {words.rebuild}
          </Button>
        ))}
      {mayDelete(me, image) && (
        <Button variant="outline" colorPalette="red" onClick={({ currentTarget }) => onDelete(currentTarget)}>
          <Trash2 />
          {words.remove}
        </Button>
      )}
      {image.build_args.length > 0 && mayDelete(me, image) && (
        <Text textStyle="sm" color="fg.muted" flexBasis="full">
          {words.noRebuild}
        </Text>
      )}
      {rebuild.error && <ProblemAlert error={rebuild.error} />}
    </>
  );
}
