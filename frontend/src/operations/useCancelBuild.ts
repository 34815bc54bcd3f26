import { useMutation } from "@tanstack/react-query";
import { cancelBuild } from "./builds";
import { useKeepBuild } from "./useKeepBuild";

export function useCancelBuild() {
  const keep = useKeepBuild();
  return useMutation({ mutationFn: cancelBuild, onSuccess: keep });
}
