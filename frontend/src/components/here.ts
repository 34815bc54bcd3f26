/** The address of what is shown, to come back to. */
export const here = () => window.location.pathname + window.location.search + window.location.hash;

/** Where people log in, and then come back to what is shown. */
export const loginAddress = (login: string) => `${login}?next=${encodeURIComponent(here())}`;
