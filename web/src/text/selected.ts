/** What somebody has selected in a section's text. */
export interface SelectedWords {
  readonly sectionId: string;
  readonly quote: string;
  /** Where it begins, in code points. */
  readonly start: number;
  readonly place: DOMRect;
}

/** The selected words, when they lie in the text of one section. */
export function selectedWords(textOf: (sectionId: string) => string | undefined): SelectedWords | null {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const section = sectionAt(range.startContainer);
  const sectionId = section?.dataset["section"];
  if (sectionId === undefined || section !== sectionAt(range.endContainer)) return null;
  const text = textOf(sectionId) ?? "";
  const from = unitAt(range.startContainer, range.startOffset);
  const to = unitAt(range.endContainer, range.endOffset);
  if (from === null || to === null) return null;
  const words = trimmed(text, from, to);
  if (words === null) return null;
  const quote = text.slice(...words);
  return { sectionId, quote, start: [...text.slice(0, words[0])].length, place: range.getBoundingClientRect() };
}

function sectionAt(node: Node): HTMLElement | null {
  return (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-section]") ?? null;
}

/**
 * The place in the section's text, in UTF-16 units, of a place in what is drawn of it. Each block says
 * where it begins, and draws its text without a gap; only what was put in instead is none of it.
 */
function unitAt(node: Node, offset: number): number | null {
  const element = node instanceof Element ? node : node.parentElement;
  const block = element?.closest<HTMLElement>("[data-from]");
  if (!block || element?.closest("ins")) return null;
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(node, offset);
  let length = before.cloneContents().textContent?.length ?? 0;
  for (const added of before.cloneContents().querySelectorAll("ins")) length -= added.textContent?.length ?? 0;
  return Number(block.dataset["from"]) + length;
}

function trimmed(text: string, from: number, to: number): [number, number] | null {
  let [start, end] = [from, to];
  while (start < end && /\s/.test(text[start] as string)) start++;
  while (end > start && /\s/.test(text[end - 1] as string)) end--;
  return start < end ? [start, end] : null;
}
