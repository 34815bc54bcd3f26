import { List, Span, Text } from "@chakra-ui/react";
import type { Holding, Holdings } from "../../api/types";
import { spokenAddress } from "../../components/forge";
import { admin } from "../../texts/admin";
import { sizeOf } from "./sizeOf";

const words = admin.removal;
/** So many are named of those that go; those that stay are all named, with the reason. */
const NAMED = 5;

/** What goes or has gone, and what stays. */
export function HoldingList({ holdings: { items, partial }, isDone }: { holdings: Holdings; isDone: boolean }) {
  const going = items.filter(({ stays }) => !stays);
  const staying = items.filter(({ stays }) => stays);
  return (
    <>
      <Text role="status">
        {items.length === 0 ? words.nothing : isDone ? words.gone(going.length) : words.goes(going.length, sizeOf(going))}
      </Text>
      {going.length > 0 && <Names items={going.slice(0, NAMED)} more={going.length - NAMED} />}
      {staying.length > 0 && (
        <>
          <Text>{words.stays(staying.length)}</Text>
          <Names items={staying} more={0} />
        </>
      )}
      {partial && <Text color="fg.muted">{words.partial}</Text>}
    </>
  );
}

function Names({ items, more }: { items: readonly Holding[]; more: number }) {
  return (
    <List.Root ps="4" textStyle="sm">
      {items.map(({ kind, name, repo, stays }) => (
        <List.Item key={`${kind} ${name}`} overflowWrap="anywhere">
          {admin.cleanUp.kinds[kind]}: {kind === "build" && repo ? spokenAddress(repo) : name}
          {stays && <Span color="fg.muted"> – {stays}</Span>}
        </List.Item>
      ))}
      {more > 0 && <List.Item color="fg.muted">{admin.cleanUp.others(more)}</List.Item>}
    </List.Root>
  );
}
