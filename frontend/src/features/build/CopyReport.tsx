import { Button, Text } from "@chakra-ui/react";
import { ClipboardCheck, ClipboardCopy } from "lucide-react";
import { useState } from "react";
import type { Build } from "../../api/types";
import type { LogStore } from "../../components/log/LogStore";
import { copyText } from "../../components/copyText";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { endOfLog } from "./endOfLog";

/** Copies what somebody who is asked for help wants to know. */
export function CopyReport({ build, store }: { build: Build; store: LogStore }) {
  const [isCopied, setCopied] = useState<boolean | null>(null);
  const version = useInfo().data?.version ?? "";
  return (
    <>
      <Button
        variant="outline"
        colorPalette="gray"
        size="sm"
        onClick={async () => setCopied(await copyText(report(build, version, store)))}
      >
        {isCopied ? <ClipboardCheck aria-hidden /> : <ClipboardCopy aria-hidden />}
        {isCopied ? texts.build.reported : texts.build.report}
      </Button>
      {isCopied === false && <Text role="alert">{texts.build.notReported}</Text>}
    </>
  );
}

function report(build: Build, version: string, store: LogStore): string {
  const facts: Readonly<Record<string, string | undefined>> = {
    repo: build.repo,
    ref: build.ref,
    commit: build.commit,
    folder: build.subdir || undefined,
    build: build.id,
    reason: build.reason ?? undefined,
    cause: build.cause ? `${build.cause.kind}, line ${build.cause.line}: ${build.cause.text}` : undefined,
    version: `repo2docker-service ${version}`,
    address: window.location.href,
  };
  const told = Object.entries(facts).filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
  return `${told.join("\n")}\n\n${endOfLog(store).join("\n")}\n`;
}
