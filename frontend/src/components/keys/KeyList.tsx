import { Box, HStack, Kbd } from "@chakra-ui/react";
import { type KeyGroup, keys } from "../../texts/keys";

/** Which keys do what somewhere. */
export function KeyList({ group }: { group: KeyGroup }) {
  return (
    <Box as="dl" display="grid" gridTemplateColumns="minmax(5rem, max-content) 1fr" columnGap="4" rowGap="1">
      {keys.groups[group].rows.map(([names, does]) => (
        <Box key={names} display="contents">
          <HStack as="dt" gap="1" alignItems="start">
            {names.split(" ").map((name) => (
              <Kbd key={name} size="sm" colorPalette="gray">
                {name}
              </Kbd>
            ))}
          </HStack>
          <dd>{does}</dd>
        </Box>
      ))}
    </Box>
  );
}
