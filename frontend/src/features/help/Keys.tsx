import { Text } from "@chakra-ui/react";
import { useSingleKeys } from "../../components/log/useLogKeys";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { Section } from "../../components/Section";
import { help } from "../../texts/help";
import { Meanings } from "./Meanings";

/** Which keys do something, and whether single ones do. */
export function Keys() {
  const { keys } = help;
  const [areOn, turn] = useSingleKeys();
  return (
    <Section title={keys.title}>
      <Text>{keys.hint}</Text>
      <NativeCheckbox label={keys.on} isLabelShown checked={areOn} onChange={turn} />
      <Meanings title={keys.title} heads={[keys.column.key, keys.column.meaning]} rows={keys.rows} />
    </Section>
  );
}
