/**
 * The client under attack where there are processes.
 * @module
 */
import { createInterface } from "node:readline";
import { type Job, toLine } from "./client-job.ts";
import { type Connect, perform } from "./client-victim.ts";

/** Does the jobs that stdin has, one JSON a line, each with a number; prints each report behind its number. Ends with stdin. */
export async function obey(connect: Connect): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [number, job] = JSON.parse(line) as [number, Job];
    void perform(connect, job).then((report) => console.log(toLine([number, report])));
  }
}
