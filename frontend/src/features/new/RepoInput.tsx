import { Button, Field, HStack, Input, Link, Spinner, Text } from "@chakra-ui/react";
import { CircleCheck } from "lucide-react";
import { spokenAddress } from "../../components/forge";
import { sentenceOf as sentenceOfError } from "../../components/sentenceOf";
import { newBuild as words } from "../../texts/newBuild";
import type { Place } from "./address";
import type { Phase } from "./phaseOf";

interface Props {
  value: string;
  onChange: (value: string) => void;
  phase: Phase;
  place: Place | undefined;
  /** What was given instead of an address; empty where that is none. */
  doi: string;
  error: Error | null;
  /** Whether it was tried with credentials. */
  wasOpened: boolean;
  onRetry: () => void;
}

const WRONG: readonly Phase[] = ["unreadable", "doi", "closed", "not allowed", "refused", "down"];

/** The one field that understands any address of a repository, and what is known of it. */
export function RepoInput({ value, onChange, phase, place, doi, error, wasOpened, onRetry }: Props) {
  const isWrong = WRONG.includes(phase);
  const name = place ? spokenAddress(place.repo) : "";
  return (
    <Field.Root required invalid={isWrong}>
      <Field.Label>{words.repo}</Field.Label>
      <Input
        name="repo"
        size="lg"
        type="text"
        inputMode="url"
        placeholder={words.repoExample}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck="false"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <Field.ErrorText textStyle="sm">{problemOf(phase, name, error, wasOpened)}</Field.ErrorText>
      {doi && (
        <Link href={`https://doi.org/${doi}`} target="_blank" rel="noreferrer" variant="underline" textStyle="sm" minH="6" overflowWrap="anywhere">
          {words.lookDoiUp(doi)}
        </Link>
      )}
      {phase === "down" && (
        <HStack wrap="wrap" textStyle="sm" color="fg.muted">
          <Text>{words.canStill}</Text>
          <Button size="xs" variant="outline" colorPalette="gray" onClick={onRetry}>
            {words.again}
          </Button>
        </HStack>
      )}
      {place?.hadPassword && <Field.HelperText color="fg.warning">{words.hadPassword}</Field.HelperText>}
      <HStack role="status" minH={isWrong ? "0" : "6"} textStyle="sm" color="fg.muted">
        {phase === "looking" && (
          <>
            <Spinner size="xs" />
            {words.looking(name)}
          </>
        )}
        {(phase === "found" || phase === "no ref") && (
          <>
            <CircleCheck size="1em" aria-hidden />
            {words.found} {name}
          </>
        )}
      </HStack>
    </Field.Root>
  );
}

function problemOf(phase: Phase, name: string, error: Error | null, wasOpened: boolean): string {
  if (phase === "unreadable" || phase === "doi") {
    return words[phase];
  }
  if (phase === "closed" && !wasOpened) {
    return words.notFound(name);
  }
  return error ? sentenceOfError(error) : "";
}
