const moment = (seconds: number) =>
  seconds < 90 ? `${seconds} ${seconds === 1 ? "second" : "seconds"}` : `${Math.ceil(seconds / 60)} minutes`;

/** Words for what the service did not say itself. */
export const problems = {
  unreachable: "The service cannot be reached. Try again in a moment.",
  late: "The service takes too long to answer. Try again in a moment.",
  ours: (code: string) => `Something failed on our side (code ${code}). Try again; if it stays, send this code to the hub admins.`,
  unreadable: "The service gave an answer that makes no sense. Try again; if it stays, tell the hub admins.",
  bare: (status: number) => `The service could not answer (code ${status}). Try again in a moment; if it stays, send this code to the hub admins.`,
  again: (seconds: number) => `Try again in ${moment(seconds)}.`,
  logIn: "Log in",
  offline: "You are offline. What is shown may be old; it is loaded anew when you are back.",
} as const;
