/**
 * Runs targets in workerd.
 * @module
 */
import type { Task } from "./task.ts";

/** Starts it; the exit code when it has ended. */
export function startWorkerd(_task: Task): Promise<number> {
  return Promise.reject(new Error("Cannot start a target on workerd: that is not written yet"));
}
