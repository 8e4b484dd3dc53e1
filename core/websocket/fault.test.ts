import { describe, expect, it } from "vitest";
import { encodeClose } from "./close.ts";
import { type Fault, FAULTS } from "./fault.ts";

/** The table once more, so that each change of it is seen. */
const EXPECTED: readonly Fault[] = [
  { name: "reservedBits", code: 1002, section: "5.2", message: "A reserved bit is set and no extension claims it" },
  { name: "reservedOpcode", code: 1002, section: "5.2", message: "The opcode is reserved" },
  { name: "fragmentedControl", code: 1002, section: "5.5", message: "A control frame is fragmented" },
  { name: "longControl", code: 1002, section: "5.5", message: "A control frame carries more than 125 bytes" },
  { name: "unmaskedFrame", code: 1002, section: "5.1", message: "A client's frame is not masked" },
  { name: "maskedFrame", code: 1002, section: "5.1", message: "A server's frame is masked" },
  { name: "longLengthForm", code: 1002, section: "5.2", message: "The length is not in its shortest form" },
  { name: "lengthTopBit", code: 1002, section: "5.2", message: "The top bit of a 64-bit length is set" },
  { name: "strayContinuation", code: 1002, section: "5.4", message: "A continuation frame has no message to continue" },
  { name: "unfinishedMessage", code: 1002, section: "5.4", message: "A new message starts before the last one ended" },
  { name: "invalidUtf8", code: 1007, section: "8.1", message: "Text is not valid UTF-8" },
  { name: "invalidDeflate", code: 1007, section: "RFC 7692, 7.2.2", message: "The message is not valid compressed data" },
  { name: "shortClose", code: 1002, section: "5.5.1", message: "A close frame has a one-byte payload" },
  { name: "invalidCloseCode", code: 1002, section: "7.4", message: "The close code may not be sent" },
  { name: "largeFrame", code: 1009, section: "10.4", message: "The frame is larger than the limit" },
  { name: "largeMessage", code: 1009, section: "10.4", message: "The message is larger than the limit" },
  { name: "manyFragments", code: 1008, section: "10.4", message: "The message has more fragments than the limit" },
  { name: "heldInput", code: 1008, section: "10.4", message: "More arrived while reading was paused than the limit" },
  { name: "messageTimeout", code: 1008, section: "10.4", message: "A message was begun and did not go on in time" },
  { name: "pongTimeout", code: 1006, section: "5.5.2", message: "No answer to a ping in time" },
  { name: "closeTimeout", code: 1006, section: "7.1.1", message: "No answer to a close frame in time" },
  { name: "handlerError", code: 1011, section: "7.4.1", message: "The application failed" },
];

describe("FAULTS", () => {
  it("has each fault under its name, with its code, section and message", () => {
    expect(Object.entries(FAULTS)).toEqual(EXPECTED.map((fault) => [fault.name, fault]));
  });

  it("cannot be changed", () => {
    expect(Object.values(FAULTS).every((fault) => Object.isFrozen(fault))).toBe(true);
  });

  it("fits each fault that the peer is told into a close frame (7.4)", () => {
    for (const { code, message } of EXPECTED) if (code !== 1006) expect(encodeClose(code, message).length).toBe(2 + message.length);
  });
});
