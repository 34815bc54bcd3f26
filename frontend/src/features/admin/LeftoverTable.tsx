import { Span, Text } from "@chakra-ui/react";
import { Archive, Copy, DatabaseZap, Package } from "lucide-react";
import type { Leftover } from "../../api/types";
import { Ago } from "../../components/Ago";
import { spokenAddress } from "../../components/forge";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { ListTable } from "../../components/ListTable";
import { size } from "../../components/size";
import { admin } from "../../texts/admin";

const words = admin.cleanUp;
const MARKS = { build: Archive, copy: Copy, image: Package, cache: DatabaseZap };
/** So many are named; of the others it is said how many there are. */
const NAMED = 100;

export function LeftoverTable({ items }: { items: readonly Leftover[] }) {
  return (
    <>
      <ListTable columns={words.columns}>
        {items.slice(0, NAMED).map((item) => {
          const Mark = MARKS[item.kind];
          return (
            <ListRow key={`${item.kind} ${item.name}`}>
              <ListCell>
                <Span display="inline-flex" alignItems="center" gap="1">
                  <Mark size="1em" aria-hidden />
                  {words.kinds[item.kind]}
                </Span>
              </ListCell>
              <ListCell label={words.columns.name}>
                {item.name}
                {item.repo && (
                  <Text textStyle="sm" color="fg.muted">
                    {spokenAddress(item.repo)}
                  </Text>
                )}
              </ListCell>
              <ListCell label={words.columns.why}>{item.why}</ListCell>
              <ListCell label={words.columns.since} inline>
                <Ago time={item.since} />
              </ListCell>
              <ListCell label={words.columns.size} inline>{item.size > 0 ? size(item.size) : admin.builds.none}</ListCell>
            </ListRow>
          );
        })}
      </ListTable>
      {items.length > NAMED && <Text color="fg.muted">{words.others(items.length - NAMED)}</Text>}
    </>
  );
}
