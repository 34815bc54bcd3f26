import { Code, Combobox, createListCollection, HStack, Text } from "@chakra-ui/react";
import { useMemo, useState } from "react";
import type { Ref } from "../../api/types";
import { newBuild as words } from "../../texts/newBuild";
import { choicesOf } from "./choices";

interface Props {
  value: string;
  onChange: (value: string) => void;
  refs: readonly Ref[];
  /** The name of the default branch; empty while it is not known. */
  defaultBranch: string;
}

/** A branch or tag out of those that there are, with their commits; anything else can be typed too. */
export function RefCombobox({ value, onChange, refs, defaultBranch }: Props) {
  const { branches, tags } = useMemo(() => choicesOf(refs, value), [refs, value]);
  const collection = useMemo(
    () => createListCollection({ items: [...branches, ...tags], itemToString: ({ name }) => name, itemToValue: ({ name }) => name }),
    [branches, tags],
  );
  const [isOpen, setOpen] = useState(false);
  if (isOpen && collection.size === 0) {
    setOpen(false); // and stays so when there is something to choose from again
  }
  return (
    <Combobox.Root
      collection={collection}
      inputValue={value}
      onInputValueChange={({ inputValue }) => onChange(inputValue)}
      value={NOTHING}
      onSelect={({ itemValue }) => onChange(itemValue)}
      selectionBehavior="preserve"
      allowCustomValue
      open={isOpen && collection.size > 0}
      onOpenChange={({ open }) => setOpen(open)}
      openOnClick
      lazyMount
      unmountOnExit
    >
      <Combobox.Control>
        <Combobox.Input
          name="ref"
          placeholder={defaultBranch ? words.defaultBranchOf(defaultBranch) : words.defaultBranch}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck="false"
        />
        <Combobox.IndicatorGroup>
          <Combobox.Trigger aria-label={words.showRefs} />
        </Combobox.IndicatorGroup>
      </Combobox.Control>
      {collection.size > 0 && (
        <Combobox.Positioner>
          <Combobox.Content maxH="xs">
            <Group label={words.branches} refs={branches} defaultBranch={defaultBranch} />
            <Group label={words.tags} refs={tags} defaultBranch="" />
          </Combobox.Content>
        </Combobox.Positioner>
      )}
    </Combobox.Root>
  );
}

/** What is typed is all that counts: a choice only fills it in. */
const NOTHING: string[] = [];

function Group({ label, refs, defaultBranch }: { label: string; refs: readonly Ref[]; defaultBranch: string }) {
  if (refs.length === 0) {
    return null;
  }
  return (
    <Combobox.ItemGroup>
      <Combobox.ItemGroupLabel>{label}</Combobox.ItemGroupLabel>
      {refs.map((ref) => (
        <Combobox.Item key={ref.name} item={ref}>
          <HStack flex="1" minW="0" justify="space-between" gap="3">
            <Combobox.ItemText overflowWrap="anywhere">{ref.name}</Combobox.ItemText>
            <HStack flexShrink="0" gap="2">
              {ref.name === defaultBranch && <Text textStyle="xs">{words.isDefault}</Text>}
              <Code colorPalette="gray">{ref.commit.slice(0, 7)}</Code>
            </HStack>
          </HStack>
        </Combobox.Item>
      ))}
    </Combobox.ItemGroup>
  );
}
