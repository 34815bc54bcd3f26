import { Button, Flex, Text } from "@chakra-ui/react";
import { RotateCw, Trash2, X } from "lucide-react";
import { useEffect } from "react";
import type { Image } from "../../api/types";
import { sizeTogether } from "../../components/sizeTogether";
import { texts } from "../../texts";

interface Props {
  images: readonly Image[];
  /** How many of them can be built again. */
  rebuildable: number;
  isRebuilding: boolean;
  onRebuild: () => void;
  onDelete: (opener: HTMLElement) => void;
  onClear: () => void;
}

/** What can be done with everything that is selected; it stays in sight while the list is scrolled. */
export function BulkBar({ images, rebuildable, isRebuilding, onRebuild, onDelete, onClear }: Props) {
  const words = texts.images;
  useEffect(() => {
    // What gets the focus is not scrolled to below the bar.
    document.documentElement.style.scrollPaddingBottom = "8rem";
    return () => {
      document.documentElement.style.scrollPaddingBottom = "";
    };
  }, []);
  return (
    <Flex
      role="region"
      aria-label={words.selection}
      position="sticky"
      bottom="4"
      zIndex="docked"
      mt="4"
      px="4"
      py="2"
      gap="2"
      align="center"
      wrap="wrap"
      bg="bg.panel"
      borderWidth="1px"
      borderRadius="lg"
      shadow="lg"
    >
      <Text role="status" flex="1 1 auto" fontWeight="medium">
        {[words.selected(images.length), sizeTogether(images)].filter(Boolean).join(", ")}
      </Text>
      {rebuildable > 0 && (
        <Button size="sm" variant="outline" colorPalette="gray" loading={isRebuilding} onClick={onRebuild}>
          <RotateCw />
          {rebuildable < images.length ? words.rebuildSome(rebuildable) : words.rebuild}
        </Button>
      )}
      <Button size="sm" variant="surface" colorPalette="red" onClick={({ currentTarget }) => onDelete(currentTarget)}>
        <Trash2 />
        {words.remove}
      </Button>
      <Button size="sm" variant="ghost" colorPalette="gray" onClick={onClear}>
        <X />
        {words.clear}
      </Button>
    </Flex>
  );
}
