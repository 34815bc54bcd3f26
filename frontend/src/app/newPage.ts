const LAST = "loaded-again-at";
const TOO_SOON = 30_000;

/** Load the page again where the service has another one now; that has no part of this one any more. */
export async function loadNewPage(reload = () => window.location.reload()): Promise<void> {
  if ((await isReplaced()) && mayLoadAgain()) {
    reload();
  }
}

/** Whether the service's page begins with another script than this one. Where it does not answer, there is none to load. */
async function isReplaced(): Promise<boolean> {
  const ours = document.querySelector('script[src^="static/main."]')?.getAttribute("src");
  try {
    const response = await fetch(document.baseURI, { cache: "no-store" });
    return response.ok && ours !== undefined && !(await response.text()).includes(`"${ours}"`);
  } catch {
    return false;
  }
}

/** Not when that has just been in vain, as where two services take turns; nor where nothing can be remembered. */
function mayLoadAgain(): boolean {
  try {
    const last = Number(window.sessionStorage.getItem(LAST) ?? 0);
    window.sessionStorage.setItem(LAST, String(Date.now()));
    return Date.now() - last > TOO_SOON;
  } catch {
    return false;
  }
}
