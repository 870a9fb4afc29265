import type { ComponentChildren } from "preact";
import { libraryHref, queueHref, route, settingsHref } from "./route.ts";
import { nextTheme, theme } from "./state/theme.ts";

const THEME_WORDS = { auto: "as the system has it", light: "light", dark: "dark" } as const;
const THEME_SIGNS = { auto: "◐", light: "○", dark: "●" } as const;

/** The top of every screen. */
export function Bar({ children }: { readonly children?: ComponentChildren }) {
  const words = `Colours: ${THEME_WORDS[theme.value]}. Change`;
  return (
    <header class="bar">
      <a class="brand" href={libraryHref}>
        Galley
      </a>
      {children}
      <a class="bar-link" href={queueHref} aria-current={route.value.at === "queue" ? "page" : undefined}>
        Queue
      </a>
      <a class="bar-link" href={settingsHref} aria-current={route.value.at === "settings" ? "page" : undefined}>
        Settings
      </a>
      <button type="button" class="quiet icon" aria-label={words} title={words} onClick={nextTheme}>
        {THEME_SIGNS[theme.value]}
      </button>
    </header>
  );
}
