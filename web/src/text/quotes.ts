import type { Range } from "./blocks.ts";

/**
 * Where a quote stands in a text: word for word, else with white space and case evened out; null
 * when it does not. Quotes of an answer carry no offsets.
 */
export function placeOf(quote: string, text: string): Range | null {
  const exact = text.indexOf(quote);
  if (quote !== "" && exact >= 0) return { start: exact, end: exact + quote.length };
  const words = quote.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("\\s+");
  const found = new RegExp(pattern, "i").exec(text);
  return found ? { start: found.index, end: found.index + found[0].length } : null;
}
