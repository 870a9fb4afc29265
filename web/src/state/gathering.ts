import type { Finding, Snapshot } from "../contract.gen.ts";

/** The findings of one section by id. */
export type Findings = ReadonlyMap<string, Finding>;
/** Section -> its findings. A section that did not change keeps its map, so that nothing of it is drawn again. */
export type Margins = ReadonlyMap<string, Findings>;
/** Section -> its latest review. */
export type Reviews = ReadonlyMap<string, { readonly taskId: string; readonly createdAt: number }>;

/** A finding has one id however often it is found. */
export function byId(findings: readonly Finding[]): Findings {
  return new Map(findings.map((finding) => [finding.finding_id, finding]));
}

/** The findings of a document by section. Which are outdated follows from the others; see `asTheyStand`. */
export function marginsOf(findings: readonly Finding[]): Margins {
  const open = (finding: Finding): Finding =>
    finding.status === "outdated" ? { ...finding, status: "open" } : finding;
  const groups = Map.groupBy(findings.map(open), (finding) => finding.section_id);
  return new Map([...groups].map(([sectionId, group]) => [sectionId, byId(group)]));
}

/** The margins with one section's findings replaced; the same object when they are the same. */
export function withMargin(margins: Margins, sectionId: string, findings: Findings): Margins {
  return margins.get(sectionId) === findings ? margins : new Map(margins).set(sectionId, findings);
}

/** The later version of each counts: a person's decision raises it, a repeated finding does not. */
export function merged(known: Findings, found: readonly Finding[]): Findings {
  const news = found.filter((finding) => {
    const before = known.get(finding.finding_id);
    return before === undefined || before.version < finding.version;
  });
  if (news.length === 0) return known;
  const all = new Map(known);
  for (const finding of news) all.set(finding.finding_id, finding);
  return all;
}

/**
 * What a section's latest review means for what is shown: its findings are added as they come; when
 * it has succeeded, open findings that only earlier reviews made are gone. What a person made stays.
 * The server shows the same.
 */
export function gathered(known: Findings, snapshot: Snapshot): Findings {
  const all = merged(known, snapshot.findings);
  if (snapshot.state !== "SUCCESS") return all;
  const present = new Set(snapshot.findings.map((finding) => finding.finding_id));
  const isOld = (finding: Finding): boolean =>
    finding.status === "open" && !isOwn(finding) && !present.has(finding.finding_id);
  const left = [...all].filter(([, finding]) => !isOld(finding));
  return left.length === all.size ? all : new Map(left);
}

/** The reviews after one more was heard of; the same object when it is not the section's latest. */
export function withReview(reviews: Reviews, snapshot: Snapshot): Reviews {
  const { section_id: sectionId, task_id: taskId, created_at: createdAt } = snapshot;
  if (sectionId === null || snapshot.kind !== "analysis") return reviews;
  const latest = reviews.get(sectionId);
  if (latest !== undefined && (latest.taskId === taskId || latest.createdAt > createdAt)) {
    if (latest.taskId !== taskId || latest.createdAt === createdAt) return reviews;
  }
  return new Map(reviews).set(sectionId, { taskId, createdAt });
}

const SEVERITY_ORDER = { critical: 0, major: 1, minor: 2, info: 3 } as const;

const sorted = new WeakMap<Findings, readonly Finding[]>();

/** In reading order: by place in the section, the whole section's first, the graver before. Sorted once. */
export function inReadingOrder(findings: Findings): readonly Finding[] {
  let order = sorted.get(findings);
  if (order === undefined) {
    order = [...findings.values()].sort(
      (a, b) =>
        (a.anchor?.start ?? -1) - (b.anchor?.start ?? -1) ||
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
        (a.finding_id < b.finding_id ? -1 : 1),
    );
    sorted.set(findings, order);
  }
  return order;
}

/** Whether a person made it, and not a review. */
export function isOwn(finding: Finding): boolean {
  return finding.source.engine === "person";
}

/**
 * An open finding whose words an accepted suggestion has changed is outdated: it is never moved to
 * other words. Worked out anew each time, as the server does, so that an undo makes it open again.
 */
export function asTheyStand(findings: readonly Finding[]): readonly Finding[] {
  const changed = findings.flatMap(({ anchor, status, suggestion: { kind } }) =>
    anchor && status === "accepted" && (kind === "replace" || kind === "delete") ? [anchor] : [],
  );
  if (changed.length === 0) return findings;
  return findings.map((finding) => {
    const { anchor, status } = finding;
    if (anchor === null || status !== "open") return finding;
    const isCovered = changed.some(({ start, end }) => start < anchor.end && anchor.start < end);
    return isCovered ? { ...finding, status: "outdated" } : finding;
  });
}
