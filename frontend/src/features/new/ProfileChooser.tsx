import { Field, NativeSelect } from "@chakra-ui/react";
import type { Profile } from "../../api/types";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  profiles: readonly Profile[];
  value: string;
  onChange: (profile: string) => void;
}

/** How large the server is to be that is started when it is built; it can still be changed then. */
export function ProfileChooser({ profiles, value, onChange }: Props) {
  return (
    <Field.Root maxW="md">
      <Field.Label>{words.profile}</Field.Label>
      <NativeSelect.Root>
        <NativeSelect.Field value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          <option value="">{words.usualProfile}</option>
          {profiles.map(({ slug, title }) => (
            <option key={slug} value={slug}>
              {title}
            </option>
          ))}
        </NativeSelect.Field>
        <NativeSelect.Indicator />
      </NativeSelect.Root>
      <Field.HelperText>{words.profileHint}</Field.HelperText>
    </Field.Root>
  );
}
