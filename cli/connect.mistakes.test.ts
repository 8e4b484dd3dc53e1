import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answering, finish, folder, freePort, objects, rawServer } from "./testing.ts";

describe("a mistake at isosocket connect", () => {
  const sentence = /^error: [^\n]+\n$/;

  it.each([
    [[], 'There is no URL to connect to: write one, such as "isosocket connect ws://127.0.0.1:8080/"'],
    [["ftp://localhost/"], "the scheme must be ws or wss, not ftp"],
    [["ws://"], "it is no URL, such as"],
    [["ws://localhost/#a"], "a WebSocket URL has no fragment"],
    [["localhost:1", "hello"], '"hello" is one argument too many'],
    [["localhost:1", "--headers", "A: b"], 'Did you mean "--header"?'],
    [["localhost:1", "--header", "nonsense"], 'write it as "Name: value"'],
    [["ws://localhost:1", "--header", "Upgrade: h2c"], "the handshake sets it itself"],
    [["ws://localhost:1", "--protocol", "a b"], 'Cannot offer subprotocol "a b"'],
    [["localhost:1", "--ca", "/nowhere.pem"], 'Cannot read --ca "/nowhere.pem": there is no such file'],
    [["localhost:1", "--proxy", "localhost:3128"], "write it as http://host:port"],
    [["localhost:1", "--close", "1005"], 'Cannot close with --close "1005"'],
    [["localhost:1", "--ping", "0"], "more than 0 seconds"],
    [["localhost:1", "--timeout", "soon"], "a number of milliseconds, or forever"],
  ])("such as %j is one sentence and exit code 2", async (args, said) => {
    const result = await finish(["connect", ...args]);
    expect(result).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(sentence) });
    expect(result.stderr).toContain(said);
  });

  it("such as a port where nothing listens", async () => {
    const url = `ws://127.0.0.1:${await freePort()}/`;
    expect(await finish(["connect", url])).toEqual({
      code: 1, stdout: "", stderr: `error: Cannot connect to ${url}: nothing listens there; is the server running, and are host and port right? (ECONNREFUSED)\n`,
    });
    const { code, stdout, stderr } = await finish(["connect", url, "--json"]);
    expect([code, stderr, objects(stdout)]).toEqual([1, "", [
      { event: "error", message: expect.stringContaining("nothing listens there"), stage: "connect", url, code: "ECONNREFUSED" },
    ]]);
  });

  it("such as a host that is not there", async () => {
    const { code, stderr } = await finish(["connect", "ws://no-such-host.invalid/"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: [^\n]+(there is no such host|cannot be looked up)[^\n]+\n$/)]);
  });

  it.each([
    ["401 Unauthorized", 'the server answered 401 Unauthorized ("no token\\e[2J"); give credentials, such as --header "Authorization: Bearer TOKEN"'],
    ["403 Forbidden", "or from another page (--origin URL)"],
    ["404 Not Found", "is the path of the URL right?"],
    ["200 OK", 'the server answered 200 OK ("no token\\e[2J"); is it the URL of a WebSocket?'],
    ["502 Bad Gateway", "try again later"],
  ])("such as an answer of %s", async (status, said) => {
    const port = await answering(`HTTP/1.1 ${status}\nContent-Length: 24\n\n\n no token\x1b[2J\nand more`);
    const { code, stderr } = await finish(["connect", `ws://127.0.0.1:${port}/`]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("\x1b");
  });

  it("such as a server that does not answer", async () => {
    const port = await rawServer(() => {});
    const { code, stderr } = await finish(["connect", `ws://127.0.0.1:${port}/`, "--timeout", "1000"]);
    expect([code, stderr]).toEqual([1, `error: Cannot connect to ws://127.0.0.1:${port}/: no answer to the handshake within 1000 ms; wait longer with --timeout MS\n`]);
  });

  it("such as a server of another protocol", async () => {
    const port = await rawServer((socket) => socket.end("220 mail.example.com ESMTP\r\n\r\n"));
    const { code, stderr } = await finish(["connect", `ws://127.0.0.1:${port}/`]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(stderr).toContain("Cannot connect to");
  });

  it("such as a 101 that is wrong", async () => {
    const port = await answering("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: wrong\n\n");
    const { code, stderr } = await finish(["connect", `ws://127.0.0.1:${port}/`]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(stderr).toContain("Sec-WebSocket-Accept does not match");
  });

  it("such as a proxy that is not there, or wants a password", async () => {
    const none = await finish(["connect", "ws://example.invalid/", "--proxy", `http://127.0.0.1:${await freePort()}`]);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
    expect(none.stderr).toContain("is --proxy right?");
    const port = await answering("HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 0\n\n");
    const refused = await finish(["connect", "ws://example.invalid/", "--proxy", `http://127.0.0.1:${port}`]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
    expect(refused.stderr).toContain("--proxy http://user:password@host:port");
  });

  it("such as no unix socket", async () => {
    const { code, stderr } = await finish(["connect", "--unix", join(folder(), "none")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("there is no such unix socket")]);
  });
});
