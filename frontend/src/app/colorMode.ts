export type ColorMode = "system" | "light" | "dark";

/** The key under which JupyterHub's own pages keep the same choice; without it the system's is taken. */
const HUB_KEY = "jupyterhub-bs-theme";
const CHANGED = "color-mode";
const system = window.matchMedia("(prefers-color-scheme: dark)");
/** In a browser in which storage is blocked: it is worn all the same, until the page is left. */
let unstored: ColorMode = "system";

/** Give what was chosen here or in the hub's pages. */
export function chosenMode(): ColorMode {
  try {
    const chosen = window.localStorage.getItem(HUB_KEY);
    return chosen === "light" || chosen === "dark" ? chosen : "system";
  } catch {
    return unstored;
  }
}

/** Choose for this page and for the hub's. */
export function chooseMode(mode: ColorMode): void {
  unstored = mode;
  try {
    if (mode === "system") {
      window.localStorage.removeItem(HUB_KEY);
    } else {
      window.localStorage.setItem(HUB_KEY, mode);
    }
  } catch {
    // It is kept here alone.
  }
  window.dispatchEvent(new Event(CHANGED));
  wear(mode); // where nothing is stored, the script that listens does not know
}

/** Wear what is chosen, now and whenever that changes here, in another page or in the system. */
export function keepColorMode(): void {
  const again = () => wear(chosenMode());
  again();
  system.addEventListener("change", again);
  whenChosen(again);
}

/** Be told of each choice, here or in another page; gives what ends that. */
export function whenChosen(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  window.addEventListener("storage", listener);
  return () => {
    window.removeEventListener(CHANGED, listener);
    window.removeEventListener("storage", listener);
  };
}

function wear(mode: ColorMode): void {
  const dark = mode === "dark" || (mode === "system" && system.matches);
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}
