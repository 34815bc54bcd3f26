import { chakra, Stack } from "@chakra-ui/react";
import { useId } from "react";
import type { Image } from "../../api/types";
import { texts } from "../../texts";

interface Props {
  image: Image;
  isExact: boolean;
  onChange: (isExact: boolean) => void;
}

/** Whether a link leads to whatever is newest, or to one commit for good. */
export function VersionChoice({ image: { ref, commit }, isExact, onChange }: Props) {
  const words = texts.share;
  const isCommit = ref === commit;
  const group = useId();
  return (
    <Stack asChild gap="1">
      <fieldset>
        <chakra.legend textStyle="sm" fontWeight="medium" mb="1">
          {words.which}
        </chakra.legend>
        {!isCommit && <Option group={group} label={words.newest(ref)} checked={!isExact} onChoose={() => onChange(false)} />}
        <Option group={group} label={words.exact(commit.slice(0, 7))} checked={isExact || isCommit} onChoose={() => onChange(true)} />
      </fieldset>
    </Stack>
  );
}

interface OptionProps {
  group: string;
  label: string;
  checked: boolean;
  onChoose: () => void;
}

function Option({ group, label, checked, onChoose }: OptionProps) {
  return (
    <chakra.label display="inline-flex" alignItems="center" gap="2" minH="6" textStyle="sm">
      <chakra.input name={group} type="radio" boxSize="4" accentColor="colorPalette.solid" checked={checked} onChange={onChoose} />
      {label}
    </chakra.label>
  );
}
