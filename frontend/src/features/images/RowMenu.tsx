import { Menu, Portal } from "@chakra-ui/react";
import { Copy, Info, RotateCw, Share2, Trash2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import type { Image } from "../../api/types";
import { nameOf } from "../../components/forge";
import { pulling } from "../../components/pulling";
import { texts } from "../../texts";

export type Action = "details" | "share" | "rebuild" | "delete" | "copyPull" | "copyPullDigest";

interface Props {
  image: Image;
  opener: HTMLElement;
  /** What is shared leads to the start of a server. */
  mayShare: boolean;
  mayRebuild: boolean;
  mayDelete: boolean;
  onChoose: (action: Action) => void;
  /** Called when it is gone without a choice. */
  onClosed: () => void;
}

/** What can be done with one environment: one menu for all rows, beside the button that opened it. */
export function RowMenu({ image, opener, mayShare, mayRebuild, mayDelete, onChoose, onClosed }: Props) {
  const words = texts.images;
  const [isOpen, setIsOpen] = useState(true);
  const chosen = useRef<Action>(undefined);
  const canPull = pulling(image) !== undefined;
  const leave = () => {
    opener.focus({ preventScroll: true });
    if (chosen.current) {
      onChoose(chosen.current);
    } else {
      onClosed();
    }
  };
  return (
    <Menu.Root
      open={isOpen}
      size="md"
      positioning={{ placement: "bottom-end", getAnchorRect: () => opener.getBoundingClientRect() }}
      onSelect={({ value }) => {
        chosen.current = value as Action;
      }}
      onOpenChange={({ open }) => setIsOpen(open)}
      onExitComplete={leave}
    >
      <Portal>
        <Menu.Positioner>
          <Menu.Content aria-label={words.moreOf(nameOf(image))}>
            <Item value="details" icon={<Info />} text={words.details} />
            {mayShare && <Item value="share" icon={<Share2 />} text={words.share} />}
            {canPull && <Item value="copyPull" icon={<Copy />} text={words.copyPull} />}
            {canPull && <Item value="copyPullDigest" icon={<Copy />} text={words.copyPullDigest} />}
            {mayRebuild && <Item value="rebuild" icon={<RotateCw />} text={image.private ? words.rebuildPrivate : words.rebuild} />}
            {mayDelete && <Item value="delete" icon={<Trash2 />} text={words.remove} isDangerous />}
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}

interface ItemProps {
  value: Action;
  icon: ReactNode;
  text: string;
  isDangerous?: boolean;
}

function Item({ value, icon, text, isDangerous = false }: ItemProps) {
  return (
    <Menu.Item value={value} gap="2" css={{ "& svg": { boxSize: "4" } }} {...(isDangerous && { color: "red.fg", _highlighted: { bg: "red.subtle", color: "red.fg" } })}>
      {icon}
      {text}
    </Menu.Item>
  );
}
