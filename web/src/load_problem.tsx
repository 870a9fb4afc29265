import { useEffect } from "preact/hooks";
import type { Problem } from "./api/http.ts";
import { announce } from "./state/announcing.ts";
import { loadProblem } from "./state/loading.ts";

/** Where a screen's content would stand: why it does not, and whether anybody has to do something. */
export function LoadProblem({ what }: { readonly what: string }) {
  const problem = loadProblem.value;
  const words = problem === null ? "" : `${what} ${why(problem)}`;
  useEffect(() => announce(words), [words]);
  return (
    <p class="load-problem" hidden={problem === null}>
      {words}
    </p>
  );
}

/** An answer's own words tell a person to try again, which the page does here. */
function why(problem: Problem): string {
  if (!problem.passing) return problem.message;
  const place = problem.code === "store_unavailable" ? "store" : "server";
  return `The ${place} cannot be reached; the page tries again by itself.`;
}
