import { Box, List, Text } from "@chakra-ui/react";
import type { Server } from "../../api/types";
import type { Deletion } from "../../operations/useDeleteImages";
import { texts } from "../../texts";

interface Props {
  deletions: readonly Deletion[];
  servers: readonly Server[];
}

/** What else a deletion touches: other names of the same images, and servers that run from them. */
export function Affected({ deletions, servers }: Props) {
  const words = texts.deletion;
  const open = deletions.filter(({ outcome }) => outcome !== "deleted");
  const chosen = new Set(deletions.map(({ image }) => image.name));
  const siblings = [...new Set(open.flatMap((each) => each.siblings))].filter((name) => !chosen.has(name));
  return (
    <>
      {siblings.length > 0 && <Names title={words.siblings} names={siblings} />}
      {servers.length > 0 && <Names title={words.servers(deletions.length)} names={servers.map(({ title, name }) => title || name || texts.image.serverWithoutName)} />}
    </>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  return (
    <Box textStyle="sm">
      <Text>{title}</Text>
      <List.Root ps="4">
        {names.map((name) => (
          <List.Item key={name} overflowWrap="anywhere">
            {name}
          </List.Item>
        ))}
      </List.Root>
    </Box>
  );
}
