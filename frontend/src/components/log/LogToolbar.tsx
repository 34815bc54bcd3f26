import { Button, HStack, IconButton, type IconButtonProps } from "@chakra-ui/react";
import {
  ArrowDownToLine, ArrowUpToLine, ChevronsDownUp, ChevronsUpDown, ClipboardCheck, ClipboardCopy, Download, Link2, ScrollText, TextWrap,
} from "lucide-react";
import type { ReactNode } from "react";
import { texts } from "../../texts";
import type { LogActions } from "./useLogActions";
import type { LogView } from "./useLogView";

interface Props {
  view: LogView;
  actions: LogActions;
  isLive: boolean;
  download: string;
  children: ReactNode;
}

/** What can be done with a log, beside its search. */
export function LogToolbar({ view, actions, isLive, download, children }: Props) {
  const { log } = texts;
  const { range, isFollowing } = view;
  const allOpen = view.log.sections.every(view.folds.isOpen);
  const copies = range ? log.copyRange(range.from, range.to) : log.copyAllHint;
  return (
    <HStack role="group" aria-label={log.title} gap="1" p="2" wrap="wrap" borderBottomWidth="1px">
      {children}
      <HStack gap="1" wrap="wrap" marginStart="auto">
        {isLive && (
          <Button
            size="xs"
            variant={isFollowing ? "subtle" : "ghost"}
            aria-pressed={isFollowing}
            title={log.followHint}
            onClick={actions.toggleFollow}
          >
            <ScrollText /> {log.follow}
          </Button>
        )}
        <Icon label={log.wrapHint} onClick={actions.toggleWrap} pressed={actions.isWrapped}>
          <TextWrap />
        </Icon>
        <Icon label={allOpen ? log.foldAll : log.unfoldAll} onClick={() => view.folds.set(view.log.sections, !allOpen)}>
          {allOpen ? <ChevronsDownUp /> : <ChevronsUpDown />}
        </Icon>
        <Icon label={log.top} onClick={actions.toTop}>
          <ArrowUpToLine />
        </Icon>
        <Icon label={log.bottom} onClick={actions.toEnd}>
          <ArrowDownToLine />
        </Icon>
        {range && (
          <Icon label={log.copyLink(range.from, range.to)} onClick={actions.copyLink}>
            {actions.copied === "link" ? <ClipboardCheck /> : <Link2 />}
          </Icon>
        )}
        <Icon label={copies} onClick={actions.copyLines}>
          {actions.copied === "lines" ? <ClipboardCheck /> : <ClipboardCopy />}
        </Icon>
        <IconButton asChild size="xs" variant="ghost">
          <a href={download} download aria-label={log.download} title={log.download}>
            <Download />
          </a>
        </IconButton>
      </HStack>
    </HStack>
  );
}

interface IconProps extends IconButtonProps {
  label: string;
  pressed?: boolean;
}

function Icon({ label, pressed, children, ...others }: IconProps) {
  return (
    <IconButton
      size="xs"
      variant={pressed ? "subtle" : "ghost"}
      aria-label={label}
      title={label}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      {...others}
    >
      {children}
    </IconButton>
  );
}
