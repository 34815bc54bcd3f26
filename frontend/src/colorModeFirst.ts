import { keepColorMode } from "./app/colorMode";

// By itself and before all else, so that no page is first seen in the wrong colours.
keepColorMode();
