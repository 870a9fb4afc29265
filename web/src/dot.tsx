import type { Shape } from "./words/task_words.ts";

const SIGNS: Readonly<Record<Shape, string>> = {
  idle: "○",
  waiting: "◌",
  running: "◐",
  done: "●",
  retrying: "◍",
  failed: "✕",
  stopped: "▢",
};

/** A state by shape. The words stand beside it, so it says nothing to a screen reader. */
export function Dot({ shape }: { readonly shape: Shape }) {
  return (
    <span class="dot" data-shape={shape} aria-hidden="true">
      {SIGNS[shape]}
    </span>
  );
}
