import { Problem } from "../../api/problem";
import type { FoundSource } from "../../operations/useSource";
import type { Address } from "./address";

/**
 * How far it is known what is where somebody points to: nothing is given; it is no address; it is looked up; it is there; it
 * may be there, but not for everybody; its ref is not there; it must not be used; something in it cannot be used; or
 * nobody knows, as something does not answer.
 */
export type Phase = "nothing" | "unreadable" | "doi" | "looking" | "found" | "closed" | "no ref" | "not allowed" | "refused" | "down";

interface Lookup {
  data?: FoundSource | undefined;
  error: Error | null;
  isFetching: boolean;
  isPlaceholderData: boolean;
}

export function phaseOf(read: Address, { data, error, isFetching, isPlaceholderData }: Lookup, isTyping: boolean): Phase {
  if (read.kind !== "place") {
    return read.kind;
  }
  if (isTyping || isFetching) {
    return "looking";
  }
  if (data && !isPlaceholderData && !error) {
    return "found";
  }
  return error ? phaseOfError(error) : "looking";
}

function phaseOfError(error: Error): Phase {
  if (!(error instanceof Problem)) {
    return "down";
  }
  switch (error.kind) {
    case "source-unreachable":
      return error.members["may_be_private"] ? "closed" : "down";
    case "ref-not-found":
      return "no ref";
    case "unreadable":
      return "down";
    case "source-forbidden":
      return "not allowed";
    default:
      return error.status < 500 && error.status !== 429 ? "refused" : "down";
  }
}

/** Whether there is any use in asking for a build. */
export const mayBuildIn = (phase: Phase) => ["looking", "found", "closed", "down"].includes(phase);
