import { describe, expect, test } from "vitest";
import { ANSWER, answered } from "../testing/upgrades.ts";

describe("a refusal", () => {
  test("is shown with its head and its body of Content-Length bytes", () => {
    const client = answered("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\nX: y\r\n\r\nhell");
    expect([client.failure, client.over]).toEqual([undefined, false]);
    client.receive("o, world");
    expect(client.failure).toEqual(["refused", "The server answered 403 Forbidden", 403, "hello"]);
    expect(client.failures[0].response?.fields.get("x")).toBe("y");
    expect(client.over).toBe(true);
    client.receive(ANSWER);
    expect(client.failures).toHaveLength(1);
  });

  test("may have a chunked body", () => {
    const client = answered("HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    expect(client.failure).toBeUndefined();
    client.receive("2\r\nde\r\n0\r\n\r\n");
    expect(client.failure).toEqual(["refused", "The server answered 500 Internal Server Error", 500, "abcde"]);
  });

  test("may have a body that ends with the stream", () => {
    const client = answered("HTTP/1.0 200 OK\r\n\r\n<html>");
    client.receive("</html>");
    expect(client.failure).toBeUndefined();
    client.upgrade.receiveEnd(0);
    expect(client.failure).toEqual(["refused", "The server answered 200 OK", 200, "<html></html>"]);
    expect(client.over).toBe(true);
  });

  test("may have none", () => {
    for (const head of ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"]) {
      expect(answered(head).failure).toEqual(["refused", "The server answered 204 No Content", 204, ""]);
    }
  });

  test("is a redirect's too: where to is the application's to judge", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const client = answered(`HTTP/1.1 ${status}\r\nLocation: ws://other/\r\nContent-Length: 0\r\n\r\n`);
      expect(client.failure).toEqual(["refused", `The server answered ${status}`, status, ""]);
      expect(client.failures[0].response?.fields.get("Location")).toBe("ws://other/");
    }
  });

  test("is any status but 101 from 200 on", () => {
    for (const status of [200, 401, 407, 426, 503, 999]) expect(answered(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`).failure?.[0]).toBe("refused");
  });

  test("is cut off at maxBody", () => {
    const client = answered("HTTP/1.1 404 Not Found\r\n\r\nhello", { maxBody: 6 });
    expect(client.failure).toBeUndefined();
    client.receive(", world");
    expect(client.failure).toEqual(["refused", "The server answered 404 Not Found", 404, "hello,"]);
    const endless = answered("HTTP/1.1 404 Not Found\r\n\r\n");
    for (let count = 0; count < 100; count++) endless.receive("x".repeat(1_000));
    expect((endless.failure?.[3] as string).length).toBe(65_536);
  });

  test("whose body is cut short by the peer's end is shown as far as it came", () => {
    const client = answered("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nhello");
    client.upgrade.receiveEnd(0);
    expect(client.failure).toEqual(["refused", "The server answered 404 Not Found", 404, "hello"]);
  });
});
