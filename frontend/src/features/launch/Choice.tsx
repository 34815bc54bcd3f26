import { Alert, Stack, Text } from "@chakra-ui/react";
import { useState } from "react";
import type { Image, Me } from "../../api/types";
import { LoadingRows } from "../../components/LoadingRows";
import { ProblemAlert } from "../../components/ProblemAlert";
import { mayStart } from "../../operations/rights";
import { useStartBuild } from "../../operations/useStartBuild";
import type { ServerWish } from "../../api/types";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { launch as words } from "../../texts/launch";
import { BuildFirst } from "./BuildFirst";
import { ChosenImage } from "./ChosenImage";
import { LaunchForm } from "./LaunchForm";
import { Newer } from "./Newer";
import { NothingBuilt } from "./NothingBuilt";
import { useChosenImage } from "./useChosenImage";
import { useNewest } from "./useNewest";
import type { Wish } from "./wish";

interface Props {
  me: Me;
  wish: Wish;
  onStart: (wish: ServerWish) => void;
}

/** Which image is to start, and how: the newest that is built, unless something newer is chosen or built first. */
export function Choice({ me, wish, onStart }: Props) {
  /** Who owns what is built here; missing where who is signed in may build for nobody. */
  const owner = me.owners[0];
  const mayBuild = owner !== undefined;
  const [name, setName] = useState("");
  const info = useInfo();
  const chosen = useChosenImage(wish, name);
  const newest = useNewest(wish, mayBuild && wish.image === "" && wish.repo !== "");
  const build = useStartBuild();
  const image = chosen.data;

  const buildIt = (force = false) => {
    const { repo, ref, subdir } = wish;
    build.mutate({ repo, ...(owner && { owner }), ...(ref && { ref }), ...(subdir && { subdir }), ...(force && { force }) });
  };
  const isNewerUnbuilt = (than: Image) => newest.data?.image === null && newest.data.commit !== than.commit;

  if (!wish.image && !wish.repo) {
    return <Text>{words.nothingSaid}</Text>;
  }
  if (info.data && !info.data.capabilities.servers) {
    return <Text>{words.noServers}</Text>;
  }
  return (
    <Stack gap="6">
      {(chosen.isPending || info.isPending) && <LoadingRows label={words.loading} rows={3} />}
      {(chosen.error ?? info.error) && <ProblemAlert error={(chosen.error ?? info.error)!} onRetry={() => void Promise.all([chosen.refetch(), info.refetch()])} />}
      {image && <ChosenImage image={image} />}
      {image?.launchable === false && <CannotStart />}
      {image && !build.data && (
        <Newer
          image={image}
          source={newest.data}
          error={newest.error}
          isAsking={newest.isFetching}
          onChoose={(newer) => setName(newer.name)}
        />
      )}
      {image === null && <NothingBuilt wish={wish} mayBuild={mayBuild} isBuilding={!!build.data} onBuild={() => buildIt()} />}
      {build.error && <ProblemAlert error={build.error} />}
      {build.data && <BuildFirst key={build.data.id} begun={build.data} onBuilt={setName} onAgain={() => buildIt(true)} />}
      {image && info.data && (
        <LaunchForm
          image={image}
          wish={wish}
          profiles={info.data.profiles}
          canStart={mayStart(me, image)}
          onStart={onStart}
          onBuild={mayBuild && !build.data && isNewerUnbuilt(image) ? () => buildIt() : undefined}
        />
      )}
    </Stack>
  );
}

function CannotStart() {
  return (
    <Alert.Root status="warning" role="status">
      <Alert.Indicator />
      <Alert.Content>
        <Alert.Title>{words.cannotStart}</Alert.Title>
        <Alert.Description>{texts.images.addServer}</Alert.Description>
      </Alert.Content>
    </Alert.Root>
  );
}
