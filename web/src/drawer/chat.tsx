import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Turn } from "../api/answers.ts";
import { MAX_MESSAGE_CHARS } from "../contract.gen.ts";
import { askQuestion, draft, outgoing, startAnew, turns } from "../state/chat.ts";
import { hasEnded, task } from "../state/tasks.ts";
import { ChatTurn } from "./chat_turn.tsx";

/** How near its end the list must be for new text to pull it along. */
const AT_END_PX = 40;

/** Questions about the document and their answers. */
export function Chat() {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const box = list.current as HTMLElement;
    const toEnd = (): void => {
      if (follows.current) box.scrollTop = box.scrollHeight;
    };
    toEnd();
    const observer = new ResizeObserver(toEnd);
    for (const child of box.children) observer.observe(child);
    return () => observer.disconnect();
  }, [turns.value, outgoing.value]);
  const scrolled = (): void => {
    const box = list.current as HTMLElement;
    follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX;
  };
  return (
    <div class="chat">
      <div
        class="chat-list"
        ref={list}
        role="log"
        aria-live="off"
        aria-label="Conversation"
        tabIndex={0}
        onScroll={scrolled}
      >
        {turns.value.length === 0 && !outgoing.value && (
          <p class="faint">Ask about the document. Answers quote it, and each quote leads to its place.</p>
        )}
        {turns.value.map((turn) => (
          <ChatTurn turn={turn} key={turn.task_id} />
        ))}
        {outgoing.value && (
          <div class="turn">
            <p class="question">{outgoing.value.message}</p>
            <p class="faint">{outgoing.value.words}</p>
          </div>
        )}
      </div>
      <Ask onAsked={() => (follows.current = true)} />
    </div>
  );
}

function isOpen(turn: Turn): boolean {
  const snapshot = task(turn.task_id).value;
  return snapshot
    ? !hasEnded(snapshot)
    : turn.state === "PENDING" || turn.state === "PROGRESS" || turn.state === "RETRY";
}

function Ask({ onAsked }: { readonly onAsked: () => void }) {
  const [message, setMessage] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (draft.value === "") return;
    setMessage(draft.value);
    draft.value = "";
    field.current?.focus({ preventScroll: true });
  }, [draft.value]);
  const busy = outgoing.value !== null || turns.value.some(isOpen);
  const send = async (): Promise<void> => {
    const asked = message.trim();
    if (asked === "" || busy) return;
    onAsked();
    setMessage("");
    if (!(await askQuestion(asked))) setMessage(asked);
  };
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        rows={2}
        maxLength={MAX_MESSAGE_CHARS}
        aria-label="Your question"
        placeholder="Ask about this document"
        value={message}
        onInput={(event) => setMessage(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <span class="ask-actions">
        <button type="submit" class="primary" disabled={busy || message.trim() === ""}>
          Ask
        </button>
        {turns.value.length > 0 && !busy && (
          <button type="button" class="quiet" onClick={startAnew}>
            New conversation
          </button>
        )}
      </span>
    </form>
  );
}
