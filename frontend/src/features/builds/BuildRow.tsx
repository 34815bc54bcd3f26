import { Code, Table, Text } from "@chakra-ui/react";
import type { Build } from "../../api/types";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { BuildStateBadge } from "./BuildStateBadge";

export function BuildRow({ build }: { build: Build }) {
  return (
    <Table.Row>
      <Table.Cell>
        <BuildStateBadge state={build.state} />
        {build.message && (
          <Text textStyle="sm" color="fg.muted" mt="1">
            {build.message}
          </Text>
        )}
      </Table.Cell>
      <Table.Cell>
        <RepositoryLink repo={build.repo} />
      </Table.Cell>
      <Table.Cell>
        {build.ref} <Code colorPalette="gray">{build.commit.slice(0, 7)}</Code>
      </Table.Cell>
      <Table.Cell>
        <When time={build.created_at} />
      </Table.Cell>
    </Table.Row>
  );
}
