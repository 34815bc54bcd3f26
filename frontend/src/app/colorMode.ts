export type ColorMode = "system" | "light" | "dark";

/** The key under which JupyterHub's own pages keep the same choice; without it the system's is taken. */
const HUB_KEY = "jupyterhub-bs-theme";

/** Give what was chosen here or in the hub's pages. */
export function chosenMode(): ColorMode {
  try {
    const chosen = window.localStorage.getItem(HUB_KEY);
    return chosen === "light" || chosen === "dark" ? chosen : "system";
  } catch {
    return "system"; // storage is blocked in this browser
  }
}

/** Choose for this page and for the hub's. */
export function chooseMode(mode: ColorMode): void {
  try {
    if (mode === "system") {
      window.localStorage.removeItem(HUB_KEY);
    } else {
      window.localStorage.setItem(HUB_KEY, mode);
    }
  } catch {
    // It is worn all the same, until the page is left.
  }
  wear(mode);
}

/** Wear what is chosen, now and whenever that changes in another page or in the system. */
export function keepColorMode(): void {
  const again = () => wear(chosenMode());
  again();
  system.addEventListener("change", again);
  window.addEventListener("storage", again);
}

const system = window.matchMedia("(prefers-color-scheme: dark)");

function wear(mode: ColorMode): void {
  const dark = mode === "dark" || (mode === "system" && system.matches);
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}
