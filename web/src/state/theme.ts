import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEPT_AS = "galley.theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

export const theme = signal<Theme>(kept());

effect(() => {
  document.documentElement.style.colorScheme = theme.value === "auto" ? "light dark" : theme.value;
  try {
    localStorage.setItem(KEPT_AS, theme.value);
  } catch {
    // Storage may be forbidden; then the choice holds until the page is closed.
  }
});

export function nextTheme(): void {
  theme.value = NEXT[theme.value];
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEPT_AS);
    return found === "light" || found === "dark" ? found : "auto";
  } catch {
    return "auto";
  }
}
