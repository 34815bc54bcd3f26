import { Flex, NativeSelect, Text } from "@chakra-ui/react";
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
      <Chooser label={words.show} value={facet} values={FACETS} names={words.facets} onChange={(value: Facet) => onChange({ facet: value })} />
      <Chooser label={words.sort} value={order} values={ORDERS} names={words.orders} onChange={(value: Order) => onChange({ order: value })} />
      <Text role="status" color="fg.muted" textStyle="sm" flexBasis="full">
        {count}
      </Text>
    </Flex>
  );
}

interface ChooserProps<Value extends string> {
  label: string;
  value: Value;
  values: readonly Value[];
  names: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

function Chooser<Value extends string>({ label, value, values, names, onChange }: ChooserProps<Value>) {
  return (
    <NativeSelect.Root flex="0 1 auto" width="auto">
      <NativeSelect.Field
        aria-label={label}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}
      >
        {values.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </NativeSelect.Field>
      <NativeSelect.Indicator />
    </NativeSelect.Root>
  );
}
