const SURROGATE = /[\uD800-\uDFFF]/;

/**
 * The server counts code points, JavaScript UTF-16 units: every character beyond the basic plane
 * counts one there and two here. Gives the function from the one to the other for a text; places
 * beyond its end are its end.
 */
export function unitsOf(text: string): (codePoint: number) => number {
  if (!SURROGATE.test(text)) return (codePoint) => Math.max(0, Math.min(codePoint, text.length));
  const starts: number[] = [];
  let unit = 0;
  for (const character of text) {
    starts.push(unit);
    unit += character.length;
  }
  return (codePoint) => starts[Math.max(0, codePoint)] ?? text.length;
}
