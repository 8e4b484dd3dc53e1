/**
 * What cases have in common, for mutants that more than one rule's cases catch.
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Case, Send } from "../wire/case.ts";

/** A pong is among what must come back. */
export function expectsPong({ expect = [] }: Case): boolean {
  return expect.some(({ opcode }) => opcode === 10);
}

/** The peer is sent such a frame. */
export function sends(is: (frame: Frame) => boolean): (item: Case) => boolean {
  return ({ send = [] }) => framesOf(send).some(is);
}

/** The peer is sent a message in fragments. */
export const sendsFragments: (item: Case) => boolean = sends(({ fin, opcode }) => !fin && opcode < 3);

/** The peer must fail the connection with one of these codes. */
export function failsWith(...codes: readonly number[]): (item: Case) => boolean {
  return ({ end }) => typeof end === "object" && codes.some((code) => end.includes(code));
}

/** All frames that these steps send, but for those of messages and series, whose frames are made as they are sent. */
export function framesOf(send: readonly Send[]): Frame[] {
  return send.flatMap((step): readonly Frame[] => {
    if ("frames" in step) return step.frames;
    if ("piecemeal" in step) return [step.piecemeal, ...framesOf(step.between)];
    return "command" in step ? step.behind ?? [] : [];
  });
}
