import { signal } from "@preact/signals";
import type { About, KeyCreated, KeyList, KeyListed } from "../api/answers.ts";
import { get, send } from "../api/http.ts";
import { notifyOn } from "./kept.ts";
import { say, tell } from "./notices.ts";

export const about = signal<About | null>(null);
/** My keys for programs, oldest first; null until the server has answered. */
export const keys = signal<readonly KeyListed[] | null>(null);
/** The key that was just made, with its secret: shown until this screen is left, and never again. */
export const newKey = signal<KeyCreated | null>(null);
/** What became of "delete everything"; empty while nothing was asked for. */
export const deletion = signal("");

export async function loadSettings(): Promise<void> {
  const [known, list] = await Promise.all([get<About>("about"), get<KeyList>("keys")]);
  about.value = known;
  keys.value = list.keys;
}

export function leaveSettings(): void {
  newKey.value = null;
  deletion.value = "";
}

/** True when it was made. */
export async function createKey(name: string): Promise<boolean> {
  try {
    const made = await send<KeyCreated>("POST", "keys", { json: { name } });
    newKey.value = made;
    keys.value = [...(keys.value ?? []), made];
    return true;
  } catch (error) {
    tell(error, "The key was not made.");
    return false;
  }
}

export async function deleteKey(key: KeyListed): Promise<void> {
  try {
    await send("DELETE", `keys/${encodeURIComponent(key.key_id)}`);
    keys.value = (keys.value ?? []).filter((each) => each.key_id !== key.key_id);
    if (newKey.value?.key_id === key.key_id) newKey.value = null;
  } catch (error) {
    tell(error, `“${key.name}” was not deleted.`);
  }
}

/** My documents with all that belongs to them, and what was reviewed or asked without one; not my keys. */
export async function deleteEverything(): Promise<void> {
  deletion.value = "Deleting…";
  try {
    await send("DELETE", "documents");
    deletion.value = "Your documents, findings, chats and tasks are gone. Your keys are not.";
  } catch (error) {
    deletion.value = "";
    tell(error, "Not everything was deleted.");
  }
}

/** Asks the browser for leave where it has not given it yet. */
export async function wantNotifications(wanted: boolean): Promise<void> {
  if (!wanted || !("Notification" in window)) {
    notifyOn.value = false;
    if (wanted) say("This browser cannot show notifications.");
    return;
  }
  const leave =
    Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  notifyOn.value = leave === "granted";
  if (leave !== "granted")
    say("This browser does not allow notifications from here. Its settings for this site can change that.");
}
