import { Flex, Text } from "@chakra-ui/react";
import type { BuildState, Me } from "../../api/types";
import { Chooser } from "../../components/Chooser";
import { SearchField } from "../../components/SearchField";
import { spokenOwner } from "../../components/spokenOwner";
import { useTyped } from "../../components/useTyped";
import type { BuildsWanted } from "../../operations/useBuilds";
import { texts } from "../../texts";
import { builds as words } from "../../texts/builds";
import { STATES } from "./useWanted";

interface Props {
  me: Me;
  wanted: BuildsWanted;
  onChange: (change: Partial<BuildsWanted>) => void;
  /** How many there are; undefined while nobody knows. */
  count: number | undefined;
}

export function BuildFilter({ me, wanted: { owner, state }, onChange, count }: Props) {
  const [typed, type] = useTyped("q");
  const groups = me.owners.filter((each) => each !== me.owner);
  // An administrator may come from the list of owners.
  const others = owner === "" || owner === me.owner || groups.includes(owner) ? groups : [...groups, owner];
  return (
    <Flex role="search" gap="3" wrap="wrap" align="center" mb="4">
      <SearchField value={typed} onChange={type} label={words.search} hint={words.searchHint} />
      <Chooser label={words.whose} value={owner} onChange={(value) => onChange({ owner: value })}>
        <option value={me.owner}>{words.mine}</option>
        {others.map((each) => (
          <option key={each} value={each}>
            {words.of(spokenOwner(each))}
          </option>
        ))}
        <option value="">{words.all}</option>
      </Chooser>
      <Chooser label={words.state} value={state} onChange={(value) => onChange({ state: value as BuildState | "" })}>
        <option value="">{words.anyState}</option>
        {STATES.map((each) => (
          <option key={each} value={each}>
            {texts.build.states[each]}
          </option>
        ))}
      </Chooser>
      <Text role="status" color="fg.muted" textStyle="sm">
        {count !== undefined && words.count(count)}
      </Text>
    </Flex>
  );
}
