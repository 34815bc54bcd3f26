import { useState } from "react";
import type { Image } from "../../api/types";
import { nameOf } from "../../components/forge";
import { sentenceOf } from "../../components/sentenceOf";
import { useRebuild } from "../../operations/useRebuild";
import { texts } from "../../texts";

export interface Rebuilds {
  isRunning: boolean;
  /** How many builds were begun the last time; undefined before the first one. */
  begun: number | undefined;
  /** What could not be begun, in a sentence each. */
  refused: readonly string[];
  run: (images: readonly Image[]) => Promise<void>;
}

/** Begin builds one after the other, and keep what became of it. */
export function useRebuilds(): Rebuilds {
  const { mutateAsync } = useRebuild();
  const [isRunning, setIsRunning] = useState(false);
  const [outcome, setOutcome] = useState<Pick<Rebuilds, "begun" | "refused">>({ begun: undefined, refused: [] });
  const run = async (images: readonly Image[]) => {
    setIsRunning(true);
    const refused: string[] = [];
    for (const image of images) {
      await mutateAsync(image).catch((error: Error) => {
        refused.push(texts.images.notRebuilt(nameOf(image), sentenceOf(error)));
      });
    }
    setOutcome({ begun: images.length - refused.length, refused });
    setIsRunning(false);
  };
  return { isRunning, ...outcome, run };
}
