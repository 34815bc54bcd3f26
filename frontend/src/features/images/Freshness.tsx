import { Text } from "@chakra-ui/react";
import type { ImagePage } from "../../api/types";
import { When } from "../../components/When";

/** Says why a list may not be true, if there is a reason. */
export function Freshness({ page }: { page: ImagePage }) {
  return (
    <>
      {page.stale && (
        <Text color="fg.muted" role="status">
          The registry could not be asked lately. This is what was there at <When time={page.as_of} />.
        </Text>
      )}
      {page.partial && (
        <Text color="fg.muted" role="status">
          The registry does not tell all that it holds. Environments may be missing here.
        </Text>
      )}
    </>
  );
}
