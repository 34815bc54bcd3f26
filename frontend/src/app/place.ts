/** The part of the address below the service's prefix, which says what to show; empty is the first page. */
export function place(): string {
  const { pathname } = new URL(document.baseURI);
  return window.location.pathname.slice(pathname.length).replace(/\/+$/, "");
}
