import { Stack } from "@chakra-ui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Image, Me } from "../../api/types";
import { Breadcrumbs } from "../../components/Breadcrumbs";
import { nameOf, shortName } from "../../components/forge";
import { ImageBadges } from "../../components/ImageBadges";
import { OutdatedNote } from "../../components/OutdatedNote";
import { PageHeading } from "../../components/PageHeading";
import { PullCommands } from "../../components/PullCommands";
import { ReplacedNote } from "../../components/ReplacedNote";
import { Section } from "../../components/Section";
import { part } from "../../components/part";
import { mayRebuild } from "../../operations/rights";
import { useImages } from "../../operations/useImages";
import { texts } from "../../texts";
import { Actions } from "./Actions";
import { Facts } from "./Facts";
import { OtherVersions } from "./OtherVersions";
import { Servers } from "./Servers";

const DeleteDialog = part(async () => (await import(/* webpackChunkName: "deletion" */ "../../components/deletion/DeleteDialog")).DeleteDialog);
const ShareDialog = part(async () => (await import(/* webpackChunkName: "share" */ "../../components/share/ShareDialog")).ShareDialog);

interface Props {
  me: Me;
  image: Image;
}

export function Details({ me, image }: Props) {
  const words = texts.image;
  const [, navigate] = useLocation();
  const [task, setTask] = useState<{ kind: "share" | "delete"; opener: HTMLElement }>();
  // Only to see what else would vanish.
  const known = useImages("", task?.kind === "delete");
  const close = () => setTask(undefined);
  return (
    <>
      <Breadcrumbs place={nameOf(image)} />
      <PageHeading title={nameOf(image)} tab={`${shortName(image.repo)}@${image.commit.slice(0, 7)}`} hint={image.description}>
        <Actions
          me={me}
          image={image}
          onShare={(opener) => setTask({ kind: "share", opener })}
          onDelete={(opener) => setTask({ kind: "delete", opener })}
        />
      </PageHeading>
      <Stack gap="8">
        <Section title={words.about}>
          <ImageBadges image={image} />
          {image.changed_outside && <ReplacedNote />}
          {image.outdated && <OutdatedNote why={image.outdated} advice={mayRebuild(me, image) ? words.renew : words.goesOn} />}
          <Facts image={image} />
        </Section>
        <Servers image={image} />
        <OtherVersions image={image} />
        <Section title={words.pull}>
          <PullCommands image={image} />
        </Section>
      </Stack>
      {task?.kind === "share" && <ShareDialog image={image} opener={task.opener} onClosed={close} />}
      {task?.kind === "delete" && (known.isComplete || known.error) && (
        <DeleteDialog
          images={[image]}
          known={known.items ?? []}
          opener={task.opener}
          onDeleted={() => navigate("/")}
          onClosed={close}
        />
      )}
    </>
  );
}
