import { SimpleGrid, Stat } from "@chakra-ui/react";

/** Figures side by side, each with what it is of. */
export function Figures({ figures }: { figures: readonly (readonly [label: string, value: string])[] }) {
  return (
    <SimpleGrid columns={{ base: 2, md: 4 }} gap="3">
      {figures.map(([label, value]) => (
        <Stat.Root key={label} borderWidth="1px" borderRadius="md" px="4" py="3" size="sm">
          <Stat.Label>{label}</Stat.Label>
          <Stat.ValueText>{value}</Stat.ValueText>
        </Stat.Root>
      ))}
    </SimpleGrid>
  );
}
