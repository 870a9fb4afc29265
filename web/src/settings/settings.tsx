import { useEffect, useState } from "preact/hooks";
import type { QueueStats } from "../api/answers.ts";
import { get } from "../api/http.ts";
import { Bar } from "../bar.tsx";
import { CopyButton } from "../copy_button.tsx";
import { LoadProblem } from "../load_problem.tsx";
import { keysOn, notifyOn } from "../state/kept.ts";
import { keepLoading } from "../state/loading.ts";
import { queueStats } from "../state/server.ts";
import {
  about,
  createKey,
  deleteEverything,
  deleteKey,
  deletion,
  keys,
  leaveSettings,
  loadSettings,
  newKey,
  wantNotifications,
} from "../state/settings.ts";
import { now } from "../state/clock.ts";
import { theme, type Theme } from "../state/theme.ts";
import { counted, moment } from "../words/durations.ts";
import { engineName } from "../words/engines.ts";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["auto", "As the system has it"],
  ["light", "Light"],
  ["dark", "Dark"],
];

const DELETED_WORDS = `Delete everything of yours on this server?

Your documents go, with the uploaded files, findings and chats, and so does what you or your programs had reviewed or asked without a document. What runs is stopped. This cannot be undone.

Your keys for programs stay until you delete them.`;

/** What a person may choose, and should know. */
export function Settings() {
  useEffect(() => {
    const stopLoading = keepLoading(() => Promise.all([loadSettings(), loadEngine()]));
    return () => {
      stopLoading();
      leaveSettings();
      queueStats.value = null;
    };
  }, []);
  return (
    <>
      <Bar>
        <span class="spring" />
      </Bar>
      <main class="page settings">
        <h1>Settings</h1>
        <LoadProblem what="A part of the settings cannot be shown now." />
        <Looks />
        <section aria-labelledby="engine">
          <h2 id="engine">Engine</h2>
          <p>{engineWords(queueStats.value)}</p>
        </section>
        <Keys />
        <Kept />
      </main>
    </>
  );
}

async function loadEngine(): Promise<void> {
  queueStats.value = await get<QueueStats>("queue_stats");
}

function engineWords(stats: QueueStats | null): string {
  if (stats === null) return "Not known yet.";
  if (stats.engines.length === 0) return "No worker is running, so none is in use.";
  const names = stats.engines.map((engine) => engineName(engine, null)).join(" and ");
  const hint = stats.engines.includes("checker") ? " With a key for Claude on the server, Claude reviews." : "";
  return `${names}.${hint}`;
}

function Looks() {
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">This browser</h2>
      <fieldset class="choices">
        <legend>Colours</legend>
        {THEMES.map(([value, words]) => (
          <label key={value}>
            <input type="radio" name="theme" checked={theme.value === value} onChange={() => (theme.value = value)} />
            {words}
          </label>
        ))}
      </fieldset>
      <label class="switch">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(event) => (keysOn.value = event.currentTarget.checked)}
        />
        <span>
          Single keys act on findings (<kbd>?</kbd> lists them)
        </span>
      </label>
      <label class="switch">
        <input
          type="checkbox"
          checked={notifyOn.value}
          onChange={(event) => {
            const box = event.currentTarget;
            void wantNotifications(box.checked).then(() => (box.checked = notifyOn.value));
          }}
        />
        <span>Tell me when a long review is done and I look elsewhere</span>
      </label>
    </section>
  );
}

function Keys() {
  const [name, setName] = useState("");
  const list = keys.value;
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">Keys for programs</h2>
      <p class="faint">
        A program that sends one acts as you: <code>Authorization: Bearer …</code>
      </p>
      {list !== null && list.length > 0 && (
        <ul class="recent">
          {list.map((key) => (
            <li key={key.key_id}>
              <span class="my-task-words">{key.name}</span>
              <span class="recent-facts">{moment(key.created_at, now.value)}</span>
              <button
                type="button"
                class="quiet"
                aria-label={`Delete the key ${key.name}`}
                onClick={() => void deleteKey(key)}
              >
                Delete
              </button>
            </li>
          ))}
        </ul>
      )}
      {newKey.value && (
        <p class="new-key">
          <span>Copy it now. It is not shown again.</span>
          <code>{newKey.value.key}</code>
          <CopyButton text={() => newKey.value?.key ?? ""}>Copy</CopyButton>
        </p>
      )}
      <form
        class="row-actions"
        onSubmit={(event) => {
          event.preventDefault();
          void createKey(name.trim()).then((made) => made && setName(""));
        }}
      >
        <label>
          <span class="unseen">What the key is for</span>
          <input
            value={name}
            maxLength={100}
            required
            placeholder="What it is for"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={name.trim() === ""}>
          Create a key
        </button>
      </form>
    </section>
  );
}

function Kept() {
  const days = about.value?.retention_days;
  return (
    <section aria-labelledby="kept">
      <h2 id="kept">What is kept</h2>
      <p>
        {days === undefined
          ? "Documents, findings and chats are kept for a time that the server sets."
          : `Documents, findings and chats are kept for ${inDays(days)}, then deleted.`}
      </p>
      <p class="row-actions">
        <button
          type="button"
          class="danger"
          onClick={() => {
            if (confirm(DELETED_WORDS))
              void deleteEverything();
          }}
        >
          Delete everything of mine
        </button>
        <span>{deletion.value}</span>
      </p>
    </section>
  );
}

function inDays(days: number): string {
  return days >= 1 ? counted(Math.round(days), "day") : counted(Math.max(1, Math.round(days * 24)), "hour");
}
