/**
 * Tests a protocol in the same process: no sockets, and no time passes.
 * @module
 */
import { type Case, DEFAULT_PATIENCE } from "./case.ts";
import { judge } from "./judge.ts";
import { openToClient, openToServer, readRequest } from "./opening.ts";
import { type ByteProtocol, ProtocolLink } from "./protocol-link.ts";
import type { CaseResult } from "./result.ts";
import { Wire } from "./wire.ts";

/**
 * Runs one case against a protocol that echoes every message: a server's, from the first byte of the request on, or a client's, whose request is its first output.
 * `make` is called once; its clock begins at 0. A case that is for the other role alone is an error of the caller.
 */
export async function check(item: Case, role: "server" | "client", make: () => ByteProtocol, seed: number = 1): Promise<CaseResult> {
  if (item.only !== undefined && item.only !== role) throw new RangeError(`Cannot ask a ${role} case ${item.id}: it is for ${item.only}s`);
  const connect = (): Promise<Wire> => Promise.resolve(new Wire(new ProtocolLink(make())));
  const { answer } = DEFAULT_PATIENCE;
  return judge(item, connect, async (wire) => {
    if (role === "server") return openToServer(wire, item, new URL("ws://localhost/"), answer, seed);
    return openToClient(wire, await readRequest(wire, answer), item, answer, seed);
  }, DEFAULT_PATIENCE);
}
