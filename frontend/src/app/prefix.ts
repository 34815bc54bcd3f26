/** The service's prefix without its last slash, which the document's base holds: what addresses of pages begin with. */
export const prefix = new URL(document.baseURI).pathname.replace(/\/$/, "");
