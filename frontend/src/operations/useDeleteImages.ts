import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../api/problem";
import type { Image } from "../api/types";
import { deleteImage, imagesKey } from "./images";

export interface Deletion {
  image: Image;
  outcome: "waiting" | "deleting" | "deleted" | "failed";
  /** Why it failed. */
  error?: Error;
  /** Other names that vanish with it. Those that are given here are deleted too: they have to be shown before. */
  siblings: readonly string[];
}

/** Delete images one after the other, and keep what became of each. */
export function useDeleteImages(wanted: readonly Deletion[]) {
  const queries = useQueryClient();
  const [deletions, setDeletions] = useState(wanted);
  const [isRunning, setIsRunning] = useState(false);
  const note = (image: Image, change: Partial<Deletion>) =>
    setDeletions((all) => all.map((each) => (each.image === image ? { ...each, ...change } : each)));

  /** Delete whatever is not deleted yet; gives whether all of it is. */
  const run = async (): Promise<boolean> => {
    setIsRunning(true);
    let isDone = true;
    for (const { image, siblings } of deletions.filter(({ outcome }) => outcome !== "deleted")) {
      note(image, { outcome: "deleting" });
      const result = await attempt(image, siblings);
      note(image, result);
      isDone &&= result.outcome === "deleted";
    }
    setIsRunning(false);
    void queries.invalidateQueries({ queryKey: imagesKey });
    return isDone;
  };
  return { deletions, isRunning, run };
}

async function attempt(image: Image, siblings: readonly string[]): Promise<Partial<Deletion>> {
  try {
    await deleteImage(image, siblings.length > 0);
    return { outcome: "deleted" };
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      return { outcome: "deleted" }; // somebody was faster, or it went with another of its names
    }
    const others = error instanceof Problem ? error.members["siblings"] : undefined;
    return { outcome: "failed", error: error as Error, ...(Array.isArray(others) && { siblings: others.map(String) }) };
  }
}
