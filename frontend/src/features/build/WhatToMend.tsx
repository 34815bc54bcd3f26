import { Link, Text } from "@chakra-ui/react";
import { useSyncExternalStore } from "react";
import type { Build, Cause } from "../../api/types";
import { pathAddress } from "../../components/forge";
import type { LogStore } from "../../components/log/LogStore";
import { texts } from "../../texts";
import { failedStep } from "./endOfLog";
import { fileToMend } from "./fileToMend";

interface Props {
  build: Build;
  cause: Cause | null;
  store: LogStore;
}

/** The file at fault as it was at this commit, or the folder that was built where no file is named. */
export function WhatToMend({ build: { repo, commit, subdir }, cause, store }: Props) {
  useSyncExternalStore(store.subscribe, store.snapshot);
  const file = fileToMend([failedStep(store), cause?.text ?? ""]);
  const path = [subdir, file].filter(Boolean).join("/");
  const address = pathAddress(repo, file ? "file" : "folder", commit, path);
  if (!address) {
    return null;
  }
  return (
    <Text textStyle="sm">
      {texts.build.lookAt}{" "}
      <Link href={address} target="_blank" rel="noreferrer" variant="underline" color="fg" overflowWrap="anywhere">
        {file ? path : texts.build.files(commit.slice(0, 7))}
      </Link>
    </Text>
  );
}
