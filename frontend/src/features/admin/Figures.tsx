import { SimpleGrid, Stat } from "@chakra-ui/react";

export interface Figure {
  label: string;
  value: string;
  /** What else there is to know of it. */
  hint?: string | undefined;
}

/** Figures side by side, each with what it is of. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <SimpleGrid columns={{ base: 2, md: 4 }} gap="3">
      {figures.map(({ label, value, hint }) => (
        <Stat.Root key={label} borderWidth="1px" borderRadius="md" px="4" py="3" size="sm">
          <Stat.Label>{label}</Stat.Label>
          <Stat.ValueText>{value}</Stat.ValueText>
          {hint && <Stat.HelpText as="dd">{hint}</Stat.HelpText>}
        </Stat.Root>
      ))}
    </SimpleGrid>
  );
}
