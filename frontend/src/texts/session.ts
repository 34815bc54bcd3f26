/** Words of the way in. */
export const session = {
  title: "Sign in",
  hint: "Open the link that the service printed when it started, or give its token here.",
  token: "Token",
  signIn: "Sign in",
  linkRefused: "The token in this link is not accepted. The service makes a new one at each start.",
  tokenRefused: "This token is not accepted. The service makes a new one at each start: take the one that it printed last.",
} as const;
