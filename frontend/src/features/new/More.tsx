import { Button, Field, Input, Stack, Textarea } from "@chakra-ui/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { spokenOwner } from "../../components/spokenOwner";
import { useInfo } from "../../operations/useInfo";
import { newBuild as words } from "../../texts/newBuild";
import { readBuildArguments } from "./buildArguments";
import type { Draft } from "./draft";
import { Select } from "./Select";

interface Props {
  draft: Draft;
  onChange: (changes: Partial<Draft>) => void;
  /** For whom one may build. */
  owners: readonly string[];
  path: string;
}

/** What most leave as it is. */
export function More({ draft, onChange, owners, path }: Props) {
  const { subdir, profile, title, description, buildArgs, owner } = draft;
  const { capabilities = {}, profiles = [] } = useInfo().data ?? {};
  // A link that fills something in has it seen.
  const [chosen, setOpen] = useState(Boolean(subdir || title || description || profile || draft.path || owner !== owners[0]));
  const { wrong } = readBuildArguments(buildArgs);
  const isOpen = chosen || wrong !== "";
  return (
    <Stack gap="3">
      <Button alignSelf="start" size="sm" variant="ghost" colorPalette="gray" px="1" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        {words.more}
      </Button>
      {isOpen && (
        <Stack gap="4" ps={{ md: "4" }} borderStartWidth={{ md: "2px" }}>
          {capabilities["subdir"] && (
            <Line label={words.subdir} hint={words.subdirHint} value={subdir} onChange={(value) => onChange({ subdir: value })} />
          )}
          {capabilities["servers"] && (
            <Line label={words.path} hint={words.pathHint} value={path} onChange={(value) => onChange({ path: value })} />
          )}
          {capabilities["servers"] && profiles.length > 1 && (
            <Select label={words.profile} hint={words.profileHint} value={profile} onChange={(value) => onChange({ profile: value })}>
              <option value="">{words.usualProfile}</option>
              {profiles.map((each) => (
                <option key={each.slug} value={each.slug}>
                  {each.title}
                </option>
              ))}
            </Select>
          )}
          <Line label={words.name} hint={words.nameHint} value={title} onChange={(value) => onChange({ title: value })} isText />
          <Line label={words.description} value={description} onChange={(value) => onChange({ description: value })} isText />
          {capabilities["build_args"] && (
            <Field.Root invalid={wrong !== ""}>
              <Field.Label>{words.buildArgs}</Field.Label>
              <Textarea
                rows={2}
                fontFamily="mono"
                spellCheck="false"
                value={buildArgs}
                onChange={({ currentTarget }) => onChange({ buildArgs: currentTarget.value })}
              />
              <Field.ErrorText>{words.wrongArgument(wrong)}</Field.ErrorText>
              <Field.HelperText>{words.buildArgsHint}</Field.HelperText>
            </Field.Root>
          )}
          {owners.length > 1 && (
            <Select label={words.buildFor} value={owner} onChange={(value) => onChange({ owner: value })}>
              {owners.map((each) => (
                <option key={each} value={each}>
                  {each.startsWith("group:") ? spokenOwner(each) : words.myself}
                </option>
              ))}
            </Select>
          )}
        </Stack>
      )}
    </Stack>
  );
}

interface LineProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether it is for people to read. */
  isText?: boolean;
}

function Line({ label, hint, value, onChange, isText = false }: LineProps) {
  return (
    <Field.Root>
      <Field.Label>{label}</Field.Label>
      <Input
        value={value}
        autoComplete="off"
        {...(!isText && { autoCapitalize: "none", spellCheck: false })}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {hint && <Field.HelperText>{hint}</Field.HelperText>}
    </Field.Root>
  );
}
