import { Button, Field, HStack, Input, Text } from "@chakra-ui/react";
import { Suspense, lazy } from "react";
import { Problem } from "../../api/problem";
import type { Source } from "../../api/types";
import { shortName } from "../../components/forge";
import { newBuild as words } from "../../texts/newBuild";

/** As large as the rest of the page together. */
const RefCombobox = lazy(async () => {
  const { RefCombobox } = await import(/* webpackChunkName: "refs" */ "./RefCombobox");
  return { default: RefCombobox };
});

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
  const isMissing = error !== null;
  return (
    <Field.Root invalid={isMissing} maxW="md">
      <Field.Label>{words.ref}</Field.Label>
      <Suspense fallback={<Input readOnly value={value} />}>
        <RefCombobox value={value} onChange={onChange} refs={source?.refs ?? NONE} defaultBranch={defaultOf(source)} />
      </Suspense>
      <Field.ErrorText textStyle="sm">{isMissing && (value ? words.noRef(value, shortName(repo)) : words.noDefault(shortName(repo)))}</Field.ErrorText>
      {isMissing && (
        <HStack wrap="wrap" gap="2" textStyle="sm">
          {nearOf(error).length > 0 && <Text>{words.didYouMean}</Text>}
          {nearOf(error).map((ref) => (
            <Button key={ref} size="xs" variant="outline" onClick={() => onChange(ref)}>
              {ref}
            </Button>
          ))}
          {value && (
            <Button size="xs" variant="ghost" colorPalette="gray" onClick={() => onChange("")}>
              {words.useDefault}
            </Button>
          )}
        </HStack>
      )}
    </Field.Root>
  );
}

const NEAR = 3;
const NONE: Source["refs"] = [];

function nearOf(error: Error): readonly string[] {
  const errors = error instanceof Problem ? (error.members["errors"] as { near?: string[] }[] | undefined) : undefined;
  return (errors?.[0]?.near ?? []).slice(0, NEAR);
}

/** The default branch is the first one, unless there is none: then something else is the first. */
function defaultOf(source: Source | undefined): string {
  const first = source?.refs[0];
  return first?.kind === "branch" && (source?.ref !== "HEAD" || source.commit === first.commit) ? first.name : "";
}
