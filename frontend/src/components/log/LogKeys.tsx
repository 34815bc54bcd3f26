import { Box, HStack, Kbd } from "@chakra-ui/react";
import { texts } from "../../texts";
import { useSingleKeys } from "./useLogKeys";

/** Which keys do what in a log, and whether they do. */
export function LogKeys() {
  const [isOn, turn] = useSingleKeys();
  return (
    <Box asChild textStyle="sm" color="fg.muted">
      <details>
        <Box as="summary" cursor="pointer" minH="6" w="fit-content">
          {texts.log.keys}
        </Box>
        <Box as="label" display="inline-flex" alignItems="center" gap="2" minH="6" my="2">
          <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => turn(currentTarget.checked)} />
          {texts.log.keysOn}
        </Box>
        <Box as="dl" display="grid" gridTemplateColumns="max-content 1fr" columnGap="4" rowGap="1">
          {texts.log.keyList.map(([keys, does]) => (
            <Box key={keys} display="contents">
              <HStack as="dt" gap="1">
                {keys.split(" ").map((key) => (
                  <Kbd key={key} size="sm" colorPalette="gray">
                    {key}
                  </Kbd>
                ))}
              </HStack>
              <dd>{does}</dd>
            </Box>
          ))}
        </Box>
      </details>
    </Box>
  );
}
