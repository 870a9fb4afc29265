import { signal } from "@preact/signals";
import type { ConversationList, ConversationWhole, TaskAccepted, Turn } from "../api/answers.ts";
import { get, Problem } from "../api/http.ts";
import { submit } from "../api/submit.ts";
import type { Finding } from "../contract.gen.ts";
import { openTab } from "./drawer.ts";
import { tell, tellOfCostLimit } from "./notices.ts";
import { live } from "./server.ts";
import { onTaskChanged } from "./tasks.ts";

/** What was said; the answer of a turn under way comes from its task. */
export const turns = signal<readonly Turn[]>([]);
/** A message that the server has not accepted yet, with what is happening to it. */
export const outgoing = signal<{ readonly message: string; readonly words: string } | null>(null);

/** What stands in the field for the next question, before anybody has changed it. */
export const draft = signal("");

/** Opens the chat with the beginning of a question about a finding. */
export function askAbout({ anchor, message }: Finding): void {
  draft.value = `About ${anchor ? `“${anchor.exact}”` : "this section"} (${message}) `;
  openTab.value = "chat";
}

let conversationId: string | null = null;
let about: string | null = null;

/** Shows the latest conversation about a document, if there is one. */
export async function openChat(documentId: string): Promise<void> {
  about = documentId;
  startAnew();
  try {
    const list = await get<ConversationList>(`documents/${encodeURIComponent(documentId)}/conversations`);
    const latest = list.conversations.at(-1);
    if (latest && about === documentId) await show(latest.conversation_id);
  } catch (error) {
    if (about === documentId) tell(error, "Earlier questions could not be loaded.");
  }
}

/** The document is left. */
export function closeChat(): void {
  about = null;
  startAnew();
}

/** Begins a conversation that knows nothing of the earlier ones. */
export function startAnew(): void {
  conversationId = null;
  turns.value = [];
}

/** Sends a question. True when the server has taken it. */
export async function askQuestion(message: string, asked: { readonly engine?: "checker" } = {}): Promise<boolean> {
  outgoing.value = { message, words: "sending…" };
  const json = {
    message,
    document_id: about,
    ...(conversationId ? { conversation_id: conversationId } : {}),
    ...asked,
  };
  try {
    const accepted = await submit<TaskAccepted>("chat", { json }, (words) => (outgoing.value = { message, words }));
    conversationId = accepted.conversation_id ?? conversationId;
    add(accepted.task_id, message);
    live.watch([accepted.task_id], about);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.overCost) {
      tellOfCostLimit(error, "Your question was not sent.", () => void askQuestion(message, { engine: "checker" }));
    } else tell(error, "Your question was not sent.");
    return false;
  } finally {
    outgoing.value = null;
  }
}

/** Puts a turn that was sent again at the end. */
export function add(taskId: string, message: string): void {
  if (turns.value.some((turn) => turn.task_id === taskId)) return;
  const turn: Turn = {
    task_id: taskId,
    message,
    state: "PENDING",
    answer: "",
    citations: [],
    engine: null,
    model: null,
    error: null,
  };
  turns.value = [...turns.value, turn];
}

/** Asks the question of a failed or stopped turn again. */
export async function askAgain(turn: Turn): Promise<void> {
  try {
    const accepted = await submit<TaskAccepted>(`retry_task/${encodeURIComponent(turn.task_id)}`, { json: {} });
    add(accepted.task_id, turn.message);
    live.watch([accepted.task_id], about);
  } catch (error) {
    tell(error, "Your question was not sent again.");
  }
}

// A turn asked in another tab shows here as well.
onTaskChanged((taskId, snapshot) => {
  if (snapshot?.kind !== "chat" || snapshot.document_id !== about || outgoing.peek() !== null) return;
  const isMine = conversationId === null || snapshot.conversation_id === conversationId;
  if (isMine && snapshot.conversation_id !== null && !turns.peek().some((turn) => turn.task_id === taskId)) {
    void show(snapshot.conversation_id);
  }
});

let showing: string | null = null;

async function show(id: string): Promise<void> {
  if (showing === id) return;
  showing = id;
  try {
    const whole = await get<ConversationWhole>(`conversations/${encodeURIComponent(id)}`);
    conversationId = id;
    turns.value = whole.turns;
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) tell(error, "The conversation could not be loaded.");
  } finally {
    showing = null;
  }
}
