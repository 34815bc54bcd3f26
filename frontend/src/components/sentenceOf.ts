import { Problem } from "../api/problem";
import { problems as words } from "../texts/problems";

/** What did not work, and what to do about it: the service's own sentence, where it gives one. */
export function sentenceOf(error: Error): string {
  if (!(error instanceof Problem)) {
    return error.name === "TimeoutError" ? words.late : words.unreachable;
  }
  if (error.kind === "unreadable") {
    return words.unreadable;
  }
  if (error.status === 500 && error.requestId) {
    return words.ours(error.requestId);
  }
  const sentence = error.isExplained ? error.sentence : words.bare(error.status);
  return error.retryAfter > 0 && !/try again/i.test(sentence) ? `${sentence} ${words.again(error.retryAfter)}` : sentence;
}
