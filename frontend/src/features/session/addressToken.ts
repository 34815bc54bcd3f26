const read = () => new URLSearchParams(window.location.hash.slice(1)).get("token");

export const hasAddressToken = () => read() !== null;

/** Take the token out of an address like `…/#token=abc`, and out of the address bar and the history. */
export function takeAddressToken(): string | null {
  const token = read();
  if (token !== null) {
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
  return token;
}
