import { Field, NativeSelect } from "@chakra-ui/react";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  owners: readonly string[];
  value: string;
  onChange: (owner: string) => void;
}

/** Whose the build is to be, where that can be one's own or a group's. */
export function OwnerChooser({ owners, value, onChange }: Props) {
  return (
    <Field.Root maxW="md">
      <Field.Label>{words.buildFor}</Field.Label>
      <NativeSelect.Root>
        <NativeSelect.Field value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          {owners.map((owner) => (
            <option key={owner} value={owner}>
              {spoken(owner)}
            </option>
          ))}
        </NativeSelect.Field>
        <NativeSelect.Indicator />
      </NativeSelect.Root>
    </Field.Root>
  );
}

function spoken(owner: string): string {
  const name = owner.slice(owner.indexOf(":") + 1);
  return owner.startsWith("group:") ? words.group(name) : words.myself;
}
