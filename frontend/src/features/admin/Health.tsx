import { Alert, HStack, Span, Stack, Text } from "@chakra-ui/react";
import { CircleCheck, CircleX } from "lucide-react";
import type { Summary } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { ListTable } from "../../components/ListTable";
import { Section } from "../../components/Section";
import { size } from "../../components/size";
import { admin } from "../../texts/admin";

const words = admin.health;

/** How the parts are, and what should be changed. */
export function Health({ summary: { parts, warnings, disk } }: { summary: Summary }) {
  return (
    <Section title={words.title}>
      <ListTable columns={words.columns}>
        {Object.entries(parts).map(([part, { ok, seconds }]) => (
          <ListRow key={part}>
            <ListCell>
              <Span fontWeight="medium">{part}</Span>
              {!ok && words.meanings[part] && <Text textStyle="sm">{words.meanings[part]}</Text>}
            </ListCell>
            <ListCell label={words.columns.state} inline>
              <HStack as="span" display="inline-flex" gap="1" color={ok ? "green.fg" : "red.fg"}>
                {ok ? <CircleCheck size="1em" aria-hidden /> : <CircleX size="1em" aria-hidden />}
                {ok ? words.ok : words.down}
              </HStack>
            </ListCell>
            <ListCell label={words.columns.seconds} inline>{words.seconds(seconds)}</ListCell>
          </ListRow>
        ))}
      </ListTable>
      <Disk {...disk} />
      {warnings.length === 0 && <Text color="fg.muted">{words.noWarnings}</Text>}
      <Stack gap="2">
        {warnings.map(({ part, message }) => (
          <Alert.Root key={`${part} ${message}`} status="warning">
            <Alert.Indicator />
            <Alert.Content>
              <Alert.Title>{part}</Alert.Title>
              <Alert.Description overflowWrap="anywhere">{message}</Alert.Description>
            </Alert.Content>
          </Alert.Root>
        ))}
      </Stack>
    </Section>
  );
}

function Disk({ free, reserve }: Summary["disk"]) {
  if (free === null) {
    return <Text color="fg.muted">{words.noDisk}</Text>;
  }
  if (free < reserve) {
    return (
      <Alert.Root status="error">
        <Alert.Indicator />
        <Alert.Title>{words.low(size(free), size(reserve))}</Alert.Title>
      </Alert.Root>
    );
  }
  return <Text>{words.free(size(free), reserve > 0 ? size(reserve) : "")}</Text>;
}
