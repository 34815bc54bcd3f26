import { Button, Field, HStack, Input, Text } from "@chakra-ui/react";
import { useId } from "react";
import { Problem } from "../../api/problem";
import type { Source } from "../../api/types";
import { shortName } from "../../components/forge";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** What is known of the repository. */
  source: Source | undefined;
  /** Why there is no such ref. */
  error: Error | null;
  repo: string;
}

/** Branch, tag or commit, completed from what the repository has; anything else can be typed too. */
export function RefField({ value, onChange, source, error, repo }: Props) {
  const list = useId();
  const isMissing = error !== null;
  const choose = (ref: string) => onChange(ref);
  return (
    <Field.Root invalid={isMissing} maxW="md">
      <Field.Label>{words.ref}</Field.Label>
      <Input
        name="ref"
        type="text"
        list={list}
        placeholder={placeholderOf(source)}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck="false"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <datalist id={list}>
        {source?.refs.map((ref) => (
          <option key={ref} value={ref} />
        ))}
      </datalist>
      <Field.ErrorText textStyle="sm">{isMissing && (value ? words.noRef(value, shortName(repo)) : words.noDefault(shortName(repo)))}</Field.ErrorText>
      {isMissing && (
        <HStack wrap="wrap" gap="2" textStyle="sm">
          {nearOf(error).length > 0 && <Text>{words.didYouMean}</Text>}
          {nearOf(error).map((ref) => (
            <Button key={ref} size="xs" variant="outline" onClick={() => choose(ref)}>
              {ref}
            </Button>
          ))}
          {value && (
            <Button size="xs" variant="ghost" colorPalette="gray" onClick={() => choose("")}>
              {words.useDefault}
            </Button>
          )}
        </HStack>
      )}
    </Field.Root>
  );
}

const NEAR = 3;

function nearOf(error: Error): readonly string[] {
  const errors = error instanceof Problem ? (error.members["errors"] as { near?: string[] }[] | undefined) : undefined;
  return (errors?.[0]?.near ?? []).slice(0, NEAR);
}

function placeholderOf(source: Source | undefined): string {
  const name = source?.ref === "HEAD" && source.resolved_ref.replace(/^refs\/heads\//, "");
  return name && name !== "HEAD" ? words.defaultBranchOf(name) : words.defaultBranch;
}
