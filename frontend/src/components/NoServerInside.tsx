import { Box, Text } from "@chakra-ui/react";
import { useId } from "react";
import { texts } from "../texts";

/** Says why an environment cannot be launched; what to do comes up when it is pointed at, tapped or reached by key. */
export function NoServerInside() {
  const id = useId();
  return (
    <Box className="group" position="relative" tabIndex={0} aria-describedby={id} w="fit-content">
      <Text textStyle="xs" color="fg.muted" textDecoration="underline dotted" cursor="help">
        {texts.images.noServer}
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
        {texts.images.addServer}
      </Text>
    </Box>
  );
}
