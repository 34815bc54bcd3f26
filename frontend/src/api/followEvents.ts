import { openEvents } from "./client";
import { readEvents, type ServerEvent } from "./events";
import { pause } from "./pause";
import { Problem } from "./problem";

const FIRST_PAUSE = 500;

/**
 * Give the events of a stream, those that came together at once, and null whenever the connection is lost: it is opened
 * again, after pauses that grow to the longest one, and goes on where it was. It begins after the event with an id, if one
 * is given.
 */
export async function* followEvents(
  path: string,
  longestPause: number,
  signal: AbortSignal,
  after = "",
): AsyncGenerator<ServerEvent[] | null> {
  let lastId = after;
  for (let wait = FIRST_PAUSE; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
    try {
      const { body } = await openEvents(path, lastId, signal);
      for await (const events of readEvents(body!)) {
        wait = FIRST_PAUSE;
        lastId = events.findLast((each) => each.id)?.id ?? lastId;
        yield events;
        const failure = events.find((each) => each.name === "error");
        if (failure) {
          throw Problem.of(failure.data);
        }
      }
    } catch (error) {
      // The service has answered, and will not change its mind; all else may pass.
      if (error instanceof Problem && !error.mayPass) {
        throw error;
      }
    }
    yield null;
    await pause(wait, signal);
  }
}
