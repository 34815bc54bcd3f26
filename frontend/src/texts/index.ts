import { shell } from "./shell";

/** All that the page says, for each part of it. */
export const texts = { shell };
