import { Button, HStack, Stack, Text } from "@chakra-ui/react";
import { type FormEvent, useRef } from "react";
import { Problem } from "../../api/problem";
import type { Me } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useInfo } from "../../operations/useInfo";
import { newBuild as words } from "../../texts/newBuild";
import { readBuildArguments } from "./buildArguments";
import { withAddress } from "./draft";
import { ExistingImageCallout } from "./ExistingImageCallout";
import { FailedBefore } from "./FailedBefore";
import { FoundSource } from "./FoundSource";
import { More } from "./More";
import { mayBuildIn } from "./phaseOf";
import { PrivateFields } from "./PrivateFields";
import { RefField } from "./RefField";
import { RepoInput } from "./RepoInput";
import { credentialsIn, takeCredentials } from "./takeCredentials";
import { useNewBuild } from "./useNewBuild";

/** Understands an address, says what is there, and has it built. */
export function NewBuildForm({ me }: { me: Me }) {
  const { draft, setDraft, change, read, lookup, phase, found, start, begin } = useNewBuild(me);
  const takes = useInfo().data?.capabilities ?? {};
  const form = useRef<HTMLFormElement>(null);
  const { values, wrong } = readBuildArguments(draft.buildArgs);
  const mayBuild = mayBuildIn(phase) && !wrong;
  const submit = (event?: FormEvent, force = false) => {
    event?.preventDefault();
    if (form.current?.reportValidity() && mayBuild) {
      begin(takeCredentials(form.current), force);
    }
  };
  const check = () => {
    const credentials = form.current?.reportValidity() && credentialsIn(form.current);
    if (credentials) {
      lookup.withCredentials(credentials);
    }
  };
  const place = read.kind === "place" ? read.place : undefined;
  const needsLogin = lookup.error instanceof Problem && lookup.error.login;
  const path = draft.path ?? found?.path ?? "";
  // With build arguments it would be another one.
  const image = Object.keys(values).length > 0 ? null : found?.source.image;
  return (
    <Stack asChild gap="5" maxW="3xl">
      <form ref={form} onSubmit={submit}>
        <RepoInput
          value={draft.address}
          onChange={(address) => setDraft((before) => withAddress(before, address))}
          phase={phase}
          place={place}
          doi={read.kind === "doi" ? read.doi : ""}
          error={lookup.error}
          wasOpened={lookup.tries > 0}
          onRetry={() => void lookup.refetch()}
        />
        <RefField
          value={draft.ref ?? found?.ref ?? place?.ref ?? ""}
          onChange={(ref) => change({ ref })}
          source={lookup.data?.source}
          error={phase === "no ref" ? lookup.error : null}
          repo={place?.repo ?? ""}
        />
        {found && (
          <FoundSource
            found={found}
            path={path}
            subdir={draft.subdir}
            isFolder={draft.path === null && !!place?.isFolder}
            onSubdir={(subdir) => change({ subdir, path: subdir ? "" : null })}
          />
        )}
        {image && <ExistingImageCallout image={image} path={path} profile={draft.profile} me={me} isBusy={start.isBusy} onBuild={() => submit(undefined, true)} />}
        {takes["credentials"] && (
          <PrivateFields key={place?.repo} isNeeded={phase === "closed" || !!place?.hadPassword} onCheck={place && check} />
        )}
        <More draft={draft} onChange={change} owners={me.owners} path={path} />
        {needsLogin && <ProblemAlert error={lookup.error!} />}
        {start.error && <ProblemAlert error={start.error} />}
        {start.failed && <FailedBefore build={start.failed} isBusy={start.isBusy} onBuild={() => submit(undefined, true)} />}
        {!image && (
          <HStack wrap="wrap" gap="4">
            <Button type="submit" size="lg" disabled={!mayBuild} loading={start.isBusy} loadingText={words.build}>
              {words.build}
            </Button>
            {found?.source.estimated_seconds != null && <Text color="fg.muted">{words.usually(found.source.estimated_seconds)}</Text>}
          </HStack>
        )}
      </form>
    </Stack>
  );
}
