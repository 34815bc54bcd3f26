/** The key under which JupyterHub's own pages keep the same choice. */
const HUB_KEY = "jupyterhub-bs-theme";

/** Wear light or dark: what was chosen in the hub's pages, else what the system prefers. */
export function applyColorMode(): void {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const wear = () => {
    const dark = chosen() === "dark" || (chosen() !== "light" && system.matches);
    document.documentElement.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  };
  wear();
  system.addEventListener("change", wear);
  window.addEventListener("storage", wear);
}

function chosen(): string | null {
  try {
    return window.localStorage.getItem(HUB_KEY);
  } catch {
    return null; // storage is blocked in this browser
  }
}
