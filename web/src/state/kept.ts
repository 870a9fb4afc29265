import { effect, signal, type Signal } from "@preact/signals";

/** A choice that this browser remembers, on or off. */
export function keptSwitch(name: string, otherwise: boolean): Signal<boolean> {
  const choice = signal(read(`galley.${name}`, otherwise));
  effect(() => write(`galley.${name}`, choice.value));
  return choice;
}

/** Whether keys alone act on findings: off for those whose tools send keys of their own. */
export const keysOn = keptSwitch("keys", true);
/** Whether the browser says so when a long review is done in a tab that nobody looks at. */
export const notifyOn = keptSwitch("notify", false);

function read(name: string, otherwise: boolean): boolean {
  try {
    return (localStorage.getItem(name) ?? String(otherwise)) === "true";
  } catch {
    return otherwise;
  }
}

function write(name: string, choice: boolean): void {
  try {
    localStorage.setItem(name, String(choice));
  } catch {
    // Storage may be forbidden; then the choice holds until the page is closed.
  }
}
