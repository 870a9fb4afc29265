import { useEffect, useRef, useState } from "preact/hooks";
import type { Finding } from "../contract.gen.ts";
import { findingOf } from "../state/margins.ts";
import { ordered, shown } from "../state/review.ts";
import { select } from "../state/selection.ts";
import { figure } from "../words/durations.ts";
import { topmost } from "./nearness.ts";

/** What has come above what can be seen. The text does not move; one may go there. */
export function NewAbove() {
  const known = useRef<Set<string> | null>(null);
  const [above, setAbove] = useState<readonly string[]>([]);
  const findings = ordered.value;
  const at = topmost.value;
  useEffect(() => {
    const sections = new Map(shown.peek()?.sections.map((section, index) => [section.section_id, index]));
    const place = (sectionId: string | null): number => sections.get(sectionId ?? "") ?? 0;
    const isAbove = (finding: Finding | null): boolean => finding !== null && place(finding.section_id) < place(at);
    const fresh = known.current === null ? [] : findings.filter((each) => !known.current?.has(each.finding_id));
    known.current ??= new Set(findings.map((finding) => finding.finding_id));
    for (const finding of fresh) known.current.add(finding.finding_id);
    const still = above.filter((findingId) => isAbove(findingOf(findingId)));
    const next = [...still, ...fresh.filter(isAbove).map((finding) => finding.finding_id)];
    if (next.length > 0 || above.length > 0) setAbove(next);
  }, [findings, at]);
  if (above.length === 0) return null;
  const go = (): void => {
    const first = findings.find((finding) => above.includes(finding.finding_id));
    setAbove([]);
    if (first) select(first.finding_id, true);
  };
  return (
    <button type="button" class="new-above" onClick={go}>
      ↑ {figure(above.length)} new above
    </button>
  );
}
