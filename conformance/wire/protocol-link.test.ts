import { expect, it } from "vitest";
import { type ByteProtocol, ProtocolLink } from "./protocol-link.ts";

/** Says everything twice, and something at 100, 200 and 300 ms; then it ends. */
class Parrot implements ByteProtocol {
  outputEnded = false;
  deadline = 100;
  readonly told: string[] = [];
  #output: Uint8Array[] = [];

  receive(input: Uint8Array, now: number): void {
    this.told.push(`${Buffer.from(input)} at ${now}`);
    this.#output.push(input, input);
  }

  receiveEnd(now: number): void {
    this.told.push(`end at ${now}`);
  }

  takeOutput(): Uint8Array[] {
    return this.#output.splice(0);
  }

  handleTimeout(now: number): void {
    this.#output.push(Buffer.from(`tick ${now};`));
    this.deadline += 100;
    if (now >= 300) this.outputEnded = true;
    if (now >= 300) this.deadline = Number.POSITIVE_INFINITY;
  }
}

function open(): { readonly link: ProtocolLink; readonly parrot: Parrot; heard(): string } {
  const parrot = new Parrot();
  const link = new ProtocolLink(parrot);
  let heard = "";
  link.listen({ data: (bytes) => heard += Buffer.from(bytes).toString(), end: (lost) => heard += lost ? "lost" : "end" });
  return { link, parrot, heard: () => heard };
}

it("hands bytes over and back at once, and they are the protocol's own", () => {
  const { link, parrot, heard } = open();
  const bytes = Buffer.from("a");
  link.write(bytes);
  bytes.fill(0);
  link.write(new Uint8Array(0));
  expect(heard()).toBe("aa");
  expect(parrot.told).toEqual(["a at 0"]);
});

it("jumps from deadline to deadline while somebody waits, and stands still else", async () => {
  const { link, heard } = open();
  expect(await link.until(() => heard().includes("tick 200"), 1_000)).toBe(true);
  expect(link.now).toBe(200);
  expect(await link.until(() => false, 50)).toBe(false);
  expect(link.now).toBe(250);
  expect(await link.until(() => heard().endsWith("end"), 1_000)).toBe(true);
  expect([heard(), link.now]).toEqual(["tick 100;tick 200;tick 300;end", 300]);
});

it("ends the tester's side once, and sends nothing behind it", () => {
  const { link, parrot } = open();
  link.end();
  link.end();
  link.write(Buffer.from("late"));
  expect(parrot.told).toEqual(["end at 0"]);
});

it("says so where a deadline does not move", async () => {
  const parrot = new Parrot();
  parrot.handleTimeout = () => {};
  await expect(async () => new ProtocolLink(parrot).until(() => false, 1_000)).rejects.toThrow("it does not move its deadline");
});
