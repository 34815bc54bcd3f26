import { Box, Button, Stack, Text, VisuallyHidden } from "@chakra-ui/react";
import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import type { Build } from "../../api/types";
import { isActive } from "../../operations/builds";
import { texts } from "../../texts";
import { useKeys } from "../keys/useKeys";
import { ConnectionBanner } from "./ConnectionBanner";
import { LogKeys } from "./LogKeys";
import { LogLines } from "./LogLines";
import { LogNotice } from "./LogNotice";
import { LogSearchField } from "./LogSearchField";
import type { LogStore } from "./LogStore";
import { LogToolbar } from "./LogToolbar";
import { logPath } from "./readLog";
import { Silence } from "./Silence";
import { useLogActions } from "./useLogActions";
import type { LogScroller } from "./useLogScroller";
import { useLogView } from "./useLogView";
import { useSpoken } from "./useSpoken";

interface Props {
  build: Build;
  store: LogStore;
  /** Whether the page's address says which lines are marked. */
  isLinked?: boolean;
  /** How the build goes, to be said to those who do not see it. */
  says?: string;
}

/** The log of a build: all of it, searched, folded by step, linked by line, and followed as it comes. */
export function LogViewer({ build, store, isLinked = false, says = "" }: Props) {
  const isLive = isActive(build);
  const view = useLogView(store, isLinked, isLive);
  const scroller = useRef<LogScroller>(null);
  const field = useRef<HTMLInputElement>(null);
  const actions = useLogActions(build.id, store, view, scroller);
  const { log, found } = view;
  const search = () => {
    field.current?.focus();
    field.current?.select();
  };
  useKeys({
    "/": search,
    n: () => found.go(1),
    N: () => found.go(-1),
    f: actions.toggleFollow,
    w: actions.toggleWrap,
    g: actions.toTop,
    G: actions.toEnd,
    j: () => actions.toLine(1),
    k: () => actions.toLine(-1),
    "[": () => actions.toStep(-1),
    "]": () => actions.toStep(1),
    o: actions.toggleFold,
    l: () => view.range && actions.copyLink(),
    c: () => view.range && actions.copyLines(),
  });
  // Pressed again, in the field, it is the browser's own.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "f" && (event.ctrlKey || event.metaKey) && event.target !== field.current) {
      event.preventDefault();
      search();
    }
  };
  const counted = found.hits.length > 0 ? texts.log.found(found.place + 1, found.hits.length) : texts.log.nothing;
  const spoken = useSpoken(found.words ? counted : says);

  return (
    <Stack gap="2" onKeyDown={onKeyDown}>
      <ConnectionBanner log={log} isActive={isLive} />
      <Box
        className="dark"
        colorPalette="gray"
        bg="gray.950"
        color="gray.100"
        borderWidth="1px"
        borderRadius="md"
        overflow="clip"
        position="relative"
      >
        <LogToolbar view={view} actions={actions} isLive={isLive} download={`${logPath(build.id)}?download`}>
          <LogSearchField found={found} field={field} onLeave={() => scroller.current?.focus()} />
        </LogToolbar>
        {log.first > 1 && <Text p="2">{texts.log.dropped(log.first)}</Text>}
        {log.last > 0 ? (
          <LogLines store={store} view={view} isWrapped={actions.isWrapped} isLive={isLive} handle={scroller} />
        ) : (
          <LogNotice log={log} isLive={isLive} isQueued={build.state === "queued"} />
        )}
        {isLive && log.last > 0 && <Silence build={build} log={log} />}
        {view.newLines > 0 && (
          <Button size="xs" colorPalette="brand" position="absolute" bottom="4" insetStart="50%" transform="translateX(-50%)" onClick={view.follow}>
            <ArrowDown /> {texts.log.newLines(view.newLines)}
          </Button>
        )}
      </Box>
      {actions.copied === "not" && <Text role="alert">{texts.log.notCopied}</Text>}
      <VisuallyHidden role="status">{actions.copied && actions.copied !== "not" ? texts.log.copied : spoken}</VisuallyHidden>
      <LogKeys />
    </Stack>
  );
}
