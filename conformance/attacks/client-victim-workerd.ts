/**
 * The client under attack in workerd: each job is a request's body, its report the answer's.
 * @module
 */
import { connect } from "../../adapters/workers.ts";
import type { Job } from "./client-job.ts";
import { type Connect, perform } from "./client-victim.ts";

const worker: { fetch(request: Request): Promise<Response> } = {
  fetch: async (request) => Response.json(await perform(connect as Connect, await request.json() as Job)),
};
export default worker;
