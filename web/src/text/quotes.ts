import type { Range } from "./blocks.ts";

/**
 * Everywhere that a quote stands in a text: word for word, else with white space and case evened
 * out; nowhere when it does not. Quotes of an answer carry no offsets, so each place may be meant.
 */
export function placesOf(quote: string, text: string): readonly Range[] {
  const words = quote.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const literal = (part: string): string => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const exact = found(new RegExp(literal(quote), "g"), text);
  return exact.length > 0 ? exact : found(new RegExp(words.map(literal).join("\\s+"), "gi"), text);
}

function found(pattern: RegExp, text: string): readonly Range[] {
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length }));
}
