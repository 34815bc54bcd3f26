import { useRef, useState } from "react";
import { useLocation } from "wouter";
import type { Build, BuildWish } from "../../api/types";
import { withQuery } from "../../components/withQuery";
import type { Credentials } from "../../operations/builds";
import { useStartBuild } from "../../operations/useStartBuild";

interface Prepared {
  wish: BuildWish;
  /** What the address of its page says of the server that is to be started in the end. */
  open: Readonly<Record<string, string>>;
}

/** Begin one build, however often it is asked for meanwhile, and go to its page; one that has just failed is told here. */
export function useBegin() {
  const start = useStartBuild();
  const [, navigate] = useLocation();
  const isBegun = useRef(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [failed, setFailed] = useState<Build | null>(null);

  const begin = async (prepare: () => Promise<Prepared>, credentials?: Credentials) => {
    if (isBegun.current) {
      return;
    }
    isBegun.current = true;
    setIsBusy(true);
    setError(null);
    setFailed(null);
    try {
      const { wish, open } = await prepare();
      const build = await start.begin(wish, credentials);
      if (build.state === "failed") {
        setFailed(build);
      } else {
        navigate(withQuery(`/builds/${build.id}`, open), { state: { joined: build.joined } });
      }
    } catch (problem) {
      setError(problem as Error);
    } finally {
      isBegun.current = false;
      setIsBusy(false);
    }
  };
  return { begin, isBusy, error, failed };
}
