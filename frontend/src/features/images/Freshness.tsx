import { HStack, Stack, Text } from "@chakra-ui/react";
import { Info } from "lucide-react";
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
    <Stack gap="1" role="status" mb={isOld || page.stale || page.partial ? "4" : "0"}>
      {isOld && <Note icon={<Info size="1em" />}>{words.notRefreshed}</Note>}
      {page.stale && (
        <Note icon={<Info size="1em" />}>
          {words.stale}
          <When time={page.as_of} />.
        </Note>
      )}
      {page.partial && <Note icon={<Info size="1em" />}>{words.partial}</Note>}
    </Stack>
  );
}

function Note({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <HStack color="fg.muted" textStyle="sm" gap="2" align="center">
      {icon}
      <Text>{children}</Text>
    </HStack>
  );
}
