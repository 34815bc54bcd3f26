import { Field, NativeSelect } from "@chakra-ui/react";

/** Whose the build is to be, where that can be one's own or a group's. */
export function OwnerChooser({ owners }: { owners: readonly string[] }) {
  return (
    <Field.Root flex="1 1 8rem">
      <Field.Label>Build for</Field.Label>
      <NativeSelect.Root>
        <NativeSelect.Field name="owner">
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
  return owner.startsWith("group:") ? `the group ${owner.slice("group:".length)}` : "myself";
}
