import { Problem } from "../api/problem";

/** Whether the session is over: nothing else of what the service refuses is helped by logging in. */
export const isSignedOut = (error: Error | null): error is Problem =>
  error instanceof Problem && (error.status === 401 || (error.status === 403 && !error.forbidden));
