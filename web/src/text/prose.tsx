import { blocksOf, type Range } from "./blocks.ts";
import { spansOf } from "./inline.ts";

const BULLET = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/;
const HEADING = /^#{1,6}\s+/;
const QUOTE = /^>\s?/gm;

/**
 * Text that a model wrote, as paragraphs, lists and tables. It is never taken as HTML: what looks
 * like a tag is shown as it stands.
 */
export function Prose({ text }: { readonly text: string }) {
  const cut = (range: Range): string => text.slice(range.start, range.end);
  return (
    <div class="prose">
      {blocksOf(text).map((block) => {
        switch (block.kind) {
          case "code":
            return <pre key={block.start}>{cut(block).replace(/^\s*(?:```|~~~).*\n?|\n?\s*(?:```|~~~)\s*$/g, "")}</pre>;
          case "list": {
            const List = /^\s*\d/.test(cut(block)) ? "ol" : "ul";
            return (
              <List key={block.start}>
                {block.items.map((item) => (
                  <li key={item.start}>
                    <Line text={cut(item).replace(BULLET, "")} />
                  </li>
                ))}
              </List>
            );
          }
          case "table":
            return (
              <table key={block.start}>
                <tbody>
                  {block.rows.map((row) => (
                    <tr key={row[0]?.start}>
                      {row.map((cell) => (
                        <td key={cell.start}>
                          <Line text={cut(cell)} />
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            );
          case "paragraph": {
            const words = cut(block);
            if (HEADING.test(words)) return <h4 key={block.start}>{words.replace(HEADING, "")}</h4>;
            if (words.startsWith(">")) {
              return (
                <blockquote key={block.start}>
                  <Line text={words.replace(QUOTE, "")} />
                </blockquote>
              );
            }
            return (
              <p key={block.start}>
                <Line text={words} />
              </p>
            );
          }
        }
      })}
    </div>
  );
}

const ELEMENTS = { strong: "strong", emphasis: "em", code: "code" } as const;

function Line({ text }: { readonly text: string }) {
  return (
    <>
      {spansOf(text).map((span, index) => {
        if (span.kind === "text") return span.text;
        const Element = ELEMENTS[span.kind];
        return <Element key={index}>{span.text}</Element>;
      })}
    </>
  );
}
