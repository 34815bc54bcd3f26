import { Box, chakra, HStack, List, Stack, Text } from "@chakra-ui/react";
import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ImagePage } from "../../api/types";
import { When } from "../../components/When";
import { texts } from "../../texts";

interface Props {
  page: ImagePage;
  /** Whether loading it anew has failed. */
  isOld: boolean;
}

/** Says why a list may not be true, if there is a reason. */
export function Freshness({ page, isOld }: Props) {
  const words = texts.images;
  return (
    <Stack gap="1" role="status" mb={isOld || page.stale || page.partial || page.unreadable.length > 0 ? "4" : "0"}>
      {isOld && <Note icon={<Info size="1em" />}>{words.notRefreshed}</Note>}
      {page.stale && (
        <Note icon={<Info size="1em" />}>
          {words.stale}
          <When time={page.as_of} />.
        </Note>
      )}
      {page.partial && <Note icon={<Info size="1em" />}>{words.partial}</Note>}
      {page.unreadable.length > 0 && <Unreadable names={page.unreadable} />}
    </Stack>
  );
}

function Unreadable({ names }: { names: readonly string[] }) {
  const words = texts.images;
  return (
    <Note icon={<TriangleAlert size="1em" />}>
      {words.unreadable(names.length)}
      <chakra.details>
        <chakra.summary minH="6" cursor="pointer">
          {words.unreadableNames}
        </chakra.summary>
        <List.Root ps="5" overflowWrap="anywhere">
          {names.map((name) => (
            <List.Item key={name}>{name}</List.Item>
          ))}
        </List.Root>
      </chakra.details>
    </Note>
  );
}

function Note({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <HStack color="fg.muted" textStyle="sm" gap="2" align="start">
      <Box flexShrink="0" mt="1">
        {icon}
      </Box>
      <Text as="div" minW="0">{children}</Text>
    </HStack>
  );
}
