import { Box, Text } from "@chakra-ui/react";
import { useId } from "react";

export const NO_SERVER_INSIDE = "No notebook server in it";
export const HOW_TO_ADD_ONE = "Add jupyterhub to what the repository installs, and build it again.";

/** Says why an environment cannot be launched; what to do comes up when it is pointed at, tapped or reached by key. */
export function NoServerInside() {
  const id = useId();
  return (
    <Box className="group" position="relative" tabIndex={0} aria-describedby={id} w="fit-content">
      <Text textStyle="xs" color="fg.muted" textDecoration="underline dotted" cursor="help">
        {NO_SERVER_INSIDE}
      </Text>
      <Text
        id={id}
        role="tooltip"
        visibility="hidden"
        _groupHover={{ visibility: "visible" }}
        _groupFocus={{ visibility: "visible" }}
        position="absolute"
        zIndex="tooltip"
        insetEnd={{ md: "0" }}
        top="100%"
        w="15rem"
        p="2"
        textStyle="xs"
        bg="bg.panel"
        borderWidth="1px"
        borderRadius="md"
        shadow="md"
      >
        {HOW_TO_ADD_ONE}
      </Text>
    </Box>
  );
}
