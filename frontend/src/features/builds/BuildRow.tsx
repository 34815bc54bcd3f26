import { Button, Code, Text } from "@chakra-ui/react";
import type { Build } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { PrivateBadge } from "../../components/PrivateBadge";
import { RepositoryLink } from "../../components/RepositoryLink";
import { When } from "../../components/When";
import { BuildId } from "./BuildId";
import { BuildLog } from "../../components/log/BuildLog";
import { BuildStateBadge } from "../../components/BuildStateBadge";
import { howFar } from "../../components/howFar";
import { useCause } from "../../operations/useCause";
import { WhyItFailed } from "../../components/WhyItFailed";

interface Props {
  build: Build;
  columns: number;
  isLogOpen: boolean;
  onToggleLog: () => void;
}

export function BuildRow({ build, columns, isLogOpen, onToggleLog }: Props) {
  const cause = useCause(build);
  // What the log tells is more than the general words.
  const words = cause ? "" : build.message || howFar(build);
  return (
    <>
      <ListRow>
        <ListCell>
          <RepositoryLink repo={build.repo} /> {build.private && <PrivateBadge />}
          <BuildId id={build.id} />
        </ListCell>
        <ListCell label="Version">
          {build.ref} <Code colorPalette="gray">{build.commit.slice(0, 7)}</Code>
        </ListCell>
        <ListCell label="State">
          <BuildStateBadge state={build.state} />
          {words && (
            <Text textStyle="sm" color="fg.muted" mt="1" maxW={{ md: "sm" }}>
              {words}
            </Text>
          )}
          {cause && <WhyItFailed cause={cause} />}
        </ListCell>
        <ListCell label="Started">
          <When time={build.created_at} />
        </ListCell>
        <ListCell>
          <Button
            size="xs"
            variant="outline"
            onClick={onToggleLog}
            aria-expanded={isLogOpen}
            aria-label={`${isLogOpen ? "Hide" : "Show"} the log of build ${build.id}`}
          >
            {isLogOpen ? "Hide log" : "Show log"}
          </Button>
        </ListCell>
      </ListRow>
      {isLogOpen && (
        <ListRow>
          <ListCell colSpan={columns}>
            <BuildLog build={build} />
          </ListCell>
        </ListRow>
      )}
    </>
  );
}
