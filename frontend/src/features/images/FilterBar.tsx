import { Flex, Text } from "@chakra-ui/react";
import { Chooser } from "../../components/Chooser";
import { SearchField } from "../../components/SearchField";
import { texts } from "../../texts";
import { type Choice, type Facet, FACETS, type Order, ORDERS } from "./choosing";

interface Props {
  choice: Choice;
  onChange: (change: Partial<Choice>) => void;
  /** How many there are, in words; told to who does not see it. */
  count: string;
}

export function FilterBar({ choice: { q, facet, order }, onChange, count }: Props) {
  const words = texts.images;
  return (
    <Flex role="search" gap="3" wrap="wrap" align="center" mb="4">
      <SearchField value={q} onChange={(value) => onChange({ q: value })} label={words.search} hint={words.searchHint} />
      <Chooser label={words.show} value={facet} onChange={(value) => onChange({ facet: value as Facet })}>
        <Options values={FACETS} names={words.facets} />
      </Chooser>
      <Chooser label={words.sort} value={order} onChange={(value) => onChange({ order: value as Order })}>
        <Options values={ORDERS} names={words.orders} />
      </Chooser>
      <Text role="status" color="fg.muted" textStyle="sm" flexBasis="full">
        {count}
      </Text>
    </Flex>
  );
}

function Options<Value extends string>({ values, names }: { values: readonly Value[]; names: Readonly<Record<Value, string>> }) {
  return values.map((each) => (
    <option key={each} value={each}>
      {names[each]}
    </option>
  ));
}
