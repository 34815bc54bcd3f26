import type { Server } from "../../api/types";

/** Whether there is something in it to be opened, or to be lost. */
export const runs = ({ state }: Server) => state === "ready" || state === "starting";
