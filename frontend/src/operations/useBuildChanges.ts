import { buildsKey } from "./builds";
import { useChanges } from "./useChanges";

/** Load what is shown of builds anew as soon as one of them changes. */
export const useBuildChanges = () => useChanges("build", buildsKey);
