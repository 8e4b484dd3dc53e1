import type { Report } from "../wire/result.ts";
export function renderIndex(reports: readonly Report[]): string { return String(reports.length); }
