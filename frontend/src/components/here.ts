/** The address of what is shown, to come back to. */
export const here = () => window.location.pathname + window.location.search + window.location.hash;
