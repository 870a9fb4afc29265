import { turns } from "../state/chat.ts";
import { openTab, type Tab } from "../state/drawer.ts";
import { Activity } from "./activity.tsx";
import { Chat } from "./chat.tsx";
import { Cost } from "./cost.tsx";

const TABS: readonly (readonly [Tab, string])[] = [
  ["chat", "Chat"],
  ["activity", "Activity"],
  ["cost", "Cost"],
];

/** Below the document: questions about it, what happened, what it cost. */
export function Drawer() {
  const tab = openTab.value;
  return (
    <section class="drawer" data-open={tab !== null || undefined} aria-label="Chat, activity and cost">
      <div class="drawer-bar">
        <div class="drawer-tabs" role="tablist" aria-label="Drawer" onKeyDown={walk}>
          {TABS.map(([id, words]) => (
            <button
              type="button"
              role="tab"
              key={id}
              aria-selected={tab === id}
              aria-controls={tab === id ? "drawer-panel" : undefined}
              onClick={() => (openTab.value = tab === id ? null : id)}
            >
              {words}
              {id === "chat" && turns.value.length > 0 && <span class="number"> {turns.value.length}</span>}
            </button>
          ))}
        </div>
        <span class="spring" />
        <button
          type="button"
          class="quiet icon"
          aria-label={tab === null ? "Open the drawer" : "Close the drawer"}
          onClick={() => (openTab.value = tab === null ? "chat" : null)}
        >
          {tab === null ? "▴" : "▾"}
        </button>
      </div>
      {tab !== null && (
        <div class="drawer-panel" id="drawer-panel" role="tabpanel" aria-label={tab}>
          {tab === "chat" && <Chat />}
          {tab === "activity" && <Activity />}
          {tab === "cost" && <Cost />}
        </div>
      )}
    </section>
  );
}

/** Arrow keys go from tab to tab, as they do in every row of tabs. */
function walk(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  const tabs = [...(event.currentTarget as Element).children] as HTMLElement[];
  tabs[(tabs.indexOf(document.activeElement as HTMLElement) + by + tabs.length) % tabs.length]?.focus();
}
