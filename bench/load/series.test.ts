import { once } from "node:events";
import { type AddressInfo, createConnection } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { makeRequest } from "./handshake.ts";
import { ReplyChecker } from "./replies.ts";
import { makeFrame, makeSeries, type SeriesOptions } from "./series.ts";

const PLAIN: SeriesOptions = { size: 32, binary: false, masked: true, deflate: "off", fragments: 1 };

/** What `ws` makes of a series that is sent twice, and the bytes it answers with. */
async function heardByWs(options: SeriesOptions): Promise<{ readonly messages: readonly Buffer[]; readonly answer: Buffer }> {
  const { bytes, payloads } = makeSeries(options);
  const perMessageDeflate = options.deflate === "off" ? false : { threshold: 0, serverNoContextTakeover: options.deflate === "no-takeover", clientNoContextTakeover: options.deflate === "no-takeover" };
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const messages: Buffer[] = [];
  let sent = 0; // a message may come before those ahead of it have left
  const all = new Promise<void>((resolve, reject) => {
    server.on("connection", (socket) => {
      socket.on("error", reject);
      socket.on("message", (data, binary) => {
        messages.push(data as Buffer);
        socket.send(data, { binary }, () => ++sent === payloads.length * 2 && socket.terminate());
      });
      socket.on("close", () => resolve());
    });
  });
  const client = createConnection({ port, host: "127.0.0.1" });
  const gone = once(client, "close"); // it may be, before the server is told of its own end
  const read: Buffer[] = [];
  client.on("data", (chunk) => void read.push(chunk));
  client.write(makeRequest(port, options.deflate).text);
  client.write(bytes);
  await Promise.all([all, gone]);
  server.close();
  const answer = Buffer.concat(read);
  return { messages, answer: answer.subarray(answer.indexOf("\r\n\r\n") + 4) };
}

test.each<[string, Partial<SeriesOptions>]>([
  ["text", {}],
  ["binary", { size: 1000, binary: true }],
  ["long ones", { size: 70_000, binary: true }],
  ["empty ones", { size: 0 }],
  ["fragments", { size: 100, fragments: 7 }],
  ["compressed ones with takeover", { size: 1024, deflate: "takeover" }],
  ["compressed ones without", { size: 1024, deflate: "no-takeover" }],
])("ws reads a series twice in a row, and its answers are as expected: %s", async (_, changes) => {
  const options = { ...PLAIN, ...changes };
  const { payloads } = makeSeries(options);
  const { messages, answer } = await heardByWs(options);
  expect(messages.length).toBe(payloads.length * 2);
  for (const [at, message] of messages.entries()) {
    if (Buffer.compare(message, payloads[at % payloads.length]) !== 0) expect(message).toEqual(payloads[at % payloads.length]);
  }
  expect(new ReplyChecker(payloads, options.binary, 0).read(answer)).toBe(payloads.length * 2);
});

test("takeover makes messages that refer to those before them", () => {
  const lengthOf = (deflate: "takeover" | "no-takeover"): number => makeSeries({ ...PLAIN, size: 1024, deflate }).bytes.length;
  expect(lengthOf("takeover")).toBeLessThan(lengthOf("no-takeover") * 0.8);
});

test("each frame has a key of its own", () => {
  const { bytes, starts } = makeSeries(PLAIN);
  const keys = new Set(starts.slice(0, -1).map((start) => Buffer.from(bytes.subarray(start + 2, start + 6)).toString("hex")));
  expect(keys.size).toBeGreaterThan(starts.length - 5);
});

test.each([0, 125, 126, 65_535, 65_536])("a server's frame of %i bytes is as long as it says", (length) => {
  const frame = makeFrame(0x82, new Uint8Array(length), false);
  expect(frame.length).toBe(length + (length < 126 ? 2 : length < 65_536 ? 4 : 10));
});
