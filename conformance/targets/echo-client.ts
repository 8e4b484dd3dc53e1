/**
 * A client that lets itself be tested, on any runtime: it speaks the control protocol of the Autobahn testsuite.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import type { Socket } from "../../adapters/socket.ts";
import { liftedLimits } from "./echo-server.ts";
import type { ClientTask } from "./task.ts";

/**
 * Asks how many cases there are, echoes its way through each, and asks for the report.
 * @param onProgress hears a sentence now and then
 */
export async function runEchoClient(
  connect: (url: string | URL, options: ConnectOptions) => Promise<Socket<undefined>>,
  { url, agent, maxMessage, ca }: ClientTask,
  onProgress: (line: string) => void,
): Promise<void> {
  const name = encodeURIComponent(agent);
  const options: ConnectOptions = { limits: liftedLimits(maxMessage), ...(ca === undefined ? {} : { tls: { ca } }) };
  const echo: ConnectOptions = { ...options, message: (socket, message) => socket.send(message) ? undefined : socket.writable() };
  const asked = await connect(new URL("/getCaseCount", url), options);
  let count = Number.NaN;
  for await (const message of asked) count = Number(message);
  if (!Number.isInteger(count)) throw new Error(`Cannot run the cases of ${url}: it does not tell how many there are`);
  for (let number = 1; number <= count; number++) {
    if (number % 50 === 1 || number === count) onProgress(`case ${number} of ${count}`);
    const socket = await connect(new URL(`/runCase?case=${number}&agent=${name}`, url), echo);
    await socket.closed;
  }
  const report = await connect(new URL(`/updateReports?agent=${name}`, url), options);
  await report.closed;
  onProgress("the report is made");
}
