import { Box, Text } from "@chakra-ui/react";
import { useId } from "react";
import { texts } from "../texts";

const { noServer, addServer } = texts.images;

/**
 * Says why an environment cannot be launched, and what to do: in place where there is room, else when it is pointed at, tapped
 * or reached by key.
 */
export function NoServerInside({ isInPlace = false }: { isInPlace?: boolean }) {
  return isInPlace ? (
    <Text textStyle="sm" flexBasis="full">
      {noServer}. {addServer}
    </Text>
  ) : (
    <Pointed />
  );
}

function Pointed() {
  const id = useId();
  return (
    <Box className="group" position="relative" tabIndex={0} aria-describedby={id} w="fit-content">
      <Text textStyle="xs" color="fg.muted" textDecoration="underline dotted" cursor="help">
        {noServer}
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
        {addServer}
      </Text>
    </Box>
  );
}
