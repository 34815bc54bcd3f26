import type { Build } from "../../api/types";
import { LogViewer } from "./LogViewer";
import { useLog } from "./useLog";

/** The log of a build on a page that is about something else. */
export function BuildLog({ build }: { build: Build }) {
  const store = useLog(build);
  return <LogViewer build={build} store={store} />;
}
