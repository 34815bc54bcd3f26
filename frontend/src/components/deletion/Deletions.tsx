import { HStack, List, Span, Text } from "@chakra-ui/react";
import { CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import type { Deletion } from "../../operations/useDeleteImages";
import { texts } from "../../texts";
import { nameOf } from "../forge";
import { sentenceOf } from "../sentenceOf";
import { size } from "../size";

/** So many are named; of the others it is said how many there are. */
const NAMED = 5;
const LOOKS = {
  waiting: null,
  deleting: { Mark: LoaderCircle, color: "fg.muted" },
  deleted: { Mark: CircleCheck, color: "green.fg" },
  failed: { Mark: CircleX, color: "red.fg" },
};

/** What is to be deleted, what became of each, and why where it failed. */
export function Deletions({ deletions }: { deletions: readonly Deletion[] }) {
  // Those that failed are what people have to see.
  const isFailed = ({ outcome }: Deletion) => outcome === "failed";
  const named = deletions.filter((each, place) => place < NAMED || isFailed(each));
  return (
    <List.Root variant="plain" gap="2">
      {named.map((each) => (
        <Row key={each.image.id} deletion={each} />
      ))}
      {named.length < deletions.length && (
        <List.Item color="fg.muted">{texts.deletion.andMore(deletions.length - named.length)}</List.Item>
      )}
    </List.Root>
  );
}

function Row({ deletion: { image, outcome, error } }: { deletion: Deletion }) {
  const words = texts.deletion;
  const look = LOOKS[outcome];
  const why = error && sentenceOf(error);
  return (
    <List.Item display="block">
      <HStack gap="2" align="baseline" flexWrap="wrap">
        <Span fontWeight="medium" overflowWrap="anywhere">
          {nameOf(image)}
        </Span>
        <Span color="fg.muted" textStyle="sm">
          {[image.commit.slice(0, 7), image.size !== null && size(image.size)].filter(Boolean).join(", ")}
        </Span>
        {look && (
          <HStack as="span" gap="1" textStyle="sm" color={look.color} alignSelf="center">
            <look.Mark size="1em" aria-hidden />
            {words.outcomes[outcome]}
          </HStack>
        )}
      </HStack>
      {image.protected && outcome === "waiting" && (
        <Text textStyle="sm" color="fg.muted">
          {words.protected}
        </Text>
      )}
      {outcome === "failed" && (
        <Text textStyle="sm" overflowWrap="anywhere">
          {why}
        </Text>
      )}
    </List.Item>
  );
}
