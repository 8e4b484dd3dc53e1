/**
 * A client that lets itself be tested, on any runtime: it speaks the control protocol of the Autobahn testsuite.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import { HandshakeError } from "../../adapters/error.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Extension } from "../../core/websocket/extension.ts";
import type { Limits } from "../../core/websocket/limits.ts";
import { echo } from "./echo-server.ts";
import type { ClientTask } from "./task.ts";

/**
 * Asks how many cases there are, echoes its way through each, and asks for the report. A case whose connection does not open is
 * told of as well, and the next one follows: a tester may mean it.
 * @param onProgress hears a sentence now and then
 */
export async function runEchoClient(
  connect: (url: string | URL, options: ConnectOptions) => Promise<Socket<undefined>>,
  { url, agent, maxMessage, ca }: ClientTask,
  extensions: readonly Extension[],
  onProgress: (line: string) => void,
): Promise<void> {
  const name = encodeURIComponent(agent);
  const options: ConnectOptions = { limits: echoLimits(maxMessage), ...(ca === undefined ? {} : { tls: { ca } }) };
  const echoing: ConnectOptions = { ...options, extensions, message: echo };
  const asked = await connect(new URL("/getCaseCount", url), options);
  let count = Number.NaN;
  for await (const message of asked) count = Number(message);
  if (!Number.isInteger(count)) throw new Error(`Cannot run the cases of ${url}: it does not tell how many there are`);
  for (let number = 1; number <= count; number++) {
    if (number % 50 === 1 || number === count) onProgress(`case ${number} of ${count}`);
    try {
      const socket = await connect(new URL(`/runCase?case=${number}&agent=${name}`, url), echoing);
      await socket.closed;
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      onProgress(`case ${number}: ${error.message}`);
    }
  }
  const report = await connect(new URL(`/updateReports?agent=${name}`, url), options);
  await report.closed;
  onProgress("the report is made");
}

/** Room for what suites send, and for an echo of it: 65,536 fragments in a message (Autobahn, case 9.3.1). All else is as by default. */
function echoLimits(maxMessage: number): Partial<Limits> {
  return { maxMessage, maxFragments: 65_536, maxQueued: maxMessage + MAX_UNSENT };
}

/** Bytes of earlier echoes that may wait before one more is taken: the next message is read only once there is room. */
const MAX_UNSENT = 1_048_576;
