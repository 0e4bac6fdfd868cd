/** How the page is coloured: as the system says, or as chosen here. */
export type Theme = "auto" | "light" | "dark";

const key = "bramble.theme";

/** The theme chosen earlier in this browser. */
export function rememberedTheme(): Theme {
  const stored = read(key);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

/** Colour the page and remember the choice. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  write(key, theme);
}

/** Calls `tell` whenever colours may have changed, chosen here or by the system. @returns how to stop. */
export function onThemeChange(tell: () => void): () => void {
  const queries = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map((query) => window.matchMedia(query));
  for (const query of queries) query.addEventListener("change", tell);
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    for (const query of queries) query.removeEventListener("change", tell);
    observer.disconnect();
  };
}

/** A value kept in this browser; null when there is none or the browser keeps nothing. */
export function read(name: string): string | null {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a value in this browser, where it lets us. */
export function write(name: string, value: string): void {
  try {
    window.localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}
