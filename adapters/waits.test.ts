import { expect, test } from "vitest";
import type { Close } from "../core/websocket/close.ts";
import { Waits } from "./waits.ts";

const CLOSE: Close = { code: 1000, reason: "", clean: true, sent: undefined, received: undefined, fault: undefined };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the end is told to who asks before it, and to who asks behind it, by one promise each", async () => {
  const waits = new Waits();
  const before = waits.closed;
  expect(waits.closed).toBe(before);
  expect(waits.over).toBe(false);
  waits.end(CLOSE);
  expect(waits.over).toBe(true);
  expect(await before).toBe(CLOSE);

  const late = new Waits();
  late.end(CLOSE);
  expect(await late.closed).toBe(CLOSE);
  expect(late.closed).toBe(late.closed);
});

test("room is given to all that wait for it, once", async () => {
  const waits = new Waits();
  expect(waits.wantRoom).toBe(false);
  const first = [waits.forRoom(), waits.forRoom()];
  expect(waits.wantRoom).toBe(true);
  waits.giveRoom(true);
  expect(waits.wantRoom).toBe(false);
  expect(await Promise.all(first)).toEqual([true, true]);
  const second = waits.forRoom();
  waits.end(CLOSE);
  expect(await second).toBe(false);
});

test("a pong answers its ping and those before it, not those behind, and one that nobody asked for answers none", async () => {
  const waits = new Waits();
  waits.pong(bytes("unasked"), 0);
  const payloads = [waits.nextPing(), waits.nextPing(), waits.nextPing()];
  expect(payloads).toEqual([bytes("ping 1"), bytes("ping 2"), bytes("ping 3")]);
  const trips = payloads.map((payload, at) => waits.forPong(payload, at * 10));
  waits.pong(bytes("unasked"), 15);
  waits.pong(payloads[1], 20);
  expect(await Promise.all(trips.slice(0, 2))).toEqual([20, 10]);
  waits.pong(payloads[1], 30);
  waits.end(CLOSE);
  expect(await trips[2]).toBeUndefined();
});
