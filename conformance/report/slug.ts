/**
 * Names of files for agents.
 * @module
 */
import type { Report } from "../wire/result.ts";

/** "ws-8-23-0-server": the name of an agent's files, without an ending. It depends on nothing but the agent and its role, so links last. */
export function slugOf({ agent, role }: Pick<Report, "agent" | "role">): string {
  const words = agent.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 80).replace(/^-+|-+$/g, "");
  return `${words || "agent"}-${role}`;
}

/** One for each report; of two that would be the same, the second ends in "-2". */
export function slugsOf(reports: readonly Pick<Report, "agent" | "role">[]): string[] {
  const taken = new Set<string>();
  return reports.map((report) => {
    const slug = slugOf(report);
    let name = slug;
    for (let count = 2; taken.has(name); count++) name = `${slug}-${count}`;
    taken.add(name);
    return name;
  });
}
