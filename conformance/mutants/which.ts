/**
 * What cases have in common, for mutants that more than one rule's cases catch.
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Case, Send } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";

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

/** The cases with these titles. */
export function titled(...titles: readonly string[]): readonly ((item: Case) => boolean)[] {
  return [({ title }) => titles.includes(title)];
}

/** The opening handshake must fail. */
export function mustRefuse({ answer }: Case): boolean {
  return answer?.opens === "fail";
}

/** A client that is broken in one of its rules; `only` are the cases of that rule that catch it, `also` further rules whose cases may. */
export function client(name: string, breaks: string, says: string, change: Mutant["change"], only?: Mutant["only"], ...also: readonly string[]): Mutant {
  const others = also.length === 0 ? {} : { alsoCaughtBy: [{ cases: also, because: "they need the same" }] };
  return { name, breaks, role: "client", says, change, ...(only === undefined ? {} : { only }), ...others };
}
