import { createHash } from "node:crypto";
import type net from "node:net";
import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";
import { conformanceCommand } from "./conformance.ts";
import { toConformanceOptions } from "./conformance-options.ts";
import { probe, type Probed } from "./conformance-probe.ts";
import { answering, echo, freePort, rawServer, using } from "./testing.ts";

const look = (url: string, timeout = "5s"): Promise<Probed> => probe(toConformanceOptions(parseArguments(["server", url, "--timeout", timeout], conformanceCommand)));

describe("a server", () => {
  it("that echoes can be tested, and is called what it calls itself", async () => {
    await using(echo, async ({ url }) => expect(await look(url)).toEqual({}));
    const named = await answering("HTTP/1.1 101 Switching Protocols\nServer: Python/3.11 websockets/17.1\n\n");
    expect(await look(`ws://127.0.0.1:${named}`)).toEqual({ name: "Python/3.11 websockets/17.1", flaw: "its opening handshake is wrong: its Sec-WebSocket-Accept is missing" });
  });

  it("that is not there cannot", async () => {
    await expect(look(`ws://127.0.0.1:${await freePort()}`)).rejects.toThrow(/nothing listens there \(ECONNREFUSED\)/);
  });

  it("that hangs, or has nothing at a path, is told of", async () => {
    const hangs = await rawServer((socket) => socket.resume());
    expect((await look(`ws://127.0.0.1:${hangs}`, "300")).trouble).toContain("did not answer the request within the time; wait longer with --timeout 30s");
    const web = await answering("HTTP/1.1 200 OK\nContent-Length: 6\n\n<html>");
    expect((await look(`ws://127.0.0.1:${web}/chat`)).trouble).toContain("is there a WebSocket at this path?");
  });

  it.each([
    ["HTTP/1.1 404 Not Found\nContent-Length: 0\n\n", /answered 404 Not Found; it has nothing at \/: is the path of the URL right\?/],
    ["HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", /answered 200 OK; it speaks HTTP, but is no WebSocket/],
    ["HTTP/1.1 301 Moved\nLocation: ws://127.0.0.1:1/x\nContent-Length: 0\n\n", /it points to ws:\/\/127\.0\.0\.1:1\/x/],
    ["HTTP/1.1 401 Unauthorized\nContent-Length: 0\n\n", /it lets nobody in without credentials/],
    ["HTTP/1.1 426 Upgrade Required\nContent-Length: 0\n\n", /did not take a plain request for a WebSocket/],
    ["SSH-2.0-OpenSSH_9.2\n", /no HTTP \("SSH-2\.0-OpenSSH_9\.2.*it is no WebSocket server/],
    ["", /ended the connection without an answer; perhaps TLS is spoken there: try wss:\/\//],
  ])("that answers %j is told of in a sentence", async (answer, said) => {
    const { trouble } = await look(`ws://127.0.0.1:${await answering(answer)}`);
    expect(trouble).toMatch(/^Cannot test ws:[^\n]+$/);
    expect(trouble).toMatch(said);
  });

  it.each([
    ["greets", (socket: net.Socket) => socket.write(Buffer.from("\x81\x07welcome", "latin1")), /and sent "welcome"\. The suite needs a server that sends every message back/],
    ["says nothing", () => {}, /and sent nothing within 400 ms\. The suite needs/],
    ["closes", (socket: net.Socket) => socket.end(Buffer.from("\x88\x05\x0f\xa1no!", "latin1")), /and closed the connection with 4001 "no!"\. The suite needs/],
  ])("that does not echo, but %s, is told of in a sentence", async (_, act, said) => {
    const port = await rawServer((socket) => socket.once("data", (request) => {
      const key = /Sec-WebSocket-Key: (.*)\r/.exec(request.toString())?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
      act(socket);
    }));
    const { trouble } = await look(`ws://127.0.0.1:${port}`, "400");
    expect(trouble).toMatch(/^Cannot test ws:[^\n]+$/);
    expect(trouble).toMatch(said);
  });
});
