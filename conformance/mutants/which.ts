/**
 * What cases have in common, for mutants that more than one rule's cases can catch.
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Case, Send } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";

/** A frame that is so is among what must come back, or may. */
export function expects(is: (frame: Frame) => boolean): (item: Case) => boolean {
  return ({ expect = [], tolerated = [] }) => expect.some(is) || tolerated.some(is);
}

/** A pong is among what must come back. */
export const expectsPong: (item: Case) => boolean = expects(({ opcode }) => opcode === 10);

/** A text message is. */
export const expectsText: (item: Case) => boolean = expects(({ opcode }) => opcode === 1);

/** The peer is sent a frame that is so. */
export function sends(is: (frame: Frame) => boolean): (item: Case) => boolean {
  return ({ send = [], ask, answer }) => framesOf(send).some(is) || [...ask?.behind ?? [], ...answer?.behind ?? []].some((each) => "opcode" in each && is(each));
}

/** Cases by words of their titles. */
export function mentions(...words: readonly string[]): (item: Case) => boolean {
  return ({ title }) => words.some((word) => title.includes(word));
}

/** The peer is sent a close frame with such a code; undefined stands for none. */
export function sendsClose(is: (code: number | undefined) => boolean): (item: Case) => boolean {
  return sends(({ opcode, payload }) => opcode === 8 && is(payload.length < 2 ? undefined : payload[0] * 256 + payload[1]));
}

/** The peer is sent a message in fragments. */
export const sendsFragments: (item: Case) => boolean = sends(({ fin, opcode }) => !fin && opcode < 3);

/** The peer must fail the connection with one of these codes. */
export function failsWith(...codes: readonly number[]): (item: Case) => boolean {
  return ({ end }) => typeof end === "object" && codes.some((code) => end.includes(code));
}

/** The peer is a client, and whether it takes the connection for open is seen by a ping. */
export function opensByPing({ answer }: Case): boolean {
  return answer?.refuses !== undefined && answer.refuses !== "fail";
}

/** The peer is sent a continuation of nothing that is so. */
export function sendsStray(is: (frame: Frame) => boolean): (item: Case) => boolean {
  return ({ send = [] }) => {
    let isInMessage = false;
    for (const frame of framesOf(send).filter(({ opcode }) => opcode < 3)) {
      if (frame.opcode === 0 && !isInMessage) return is(frame);
      isInMessage = !frame.fin;
    }
    return false;
  };
}

/** Something is compressed: what comes and goes then has other lengths than the messages. */
export function compresses({ deflate }: Case): boolean {
  return deflate !== undefined;
}

/** The peer is told to do something by a text message. */
export function commands({ send = [] }: Case): boolean {
  return send.some((step) => "command" in step);
}

/** Bytes are sent that are no frame, or are read as one that they are not. */
export function sendsBytes({ send = [], ask, answer }: Case): boolean {
  return send.some((step) => "bytes" in step) || [...ask?.behind ?? [], ...answer?.behind ?? []].some((each) => !("opcode" in each));
}

/** All frames that these steps send, but for those of messages and series, whose frames are made as they are sent. */
export function framesOf(send: readonly Send[]): Frame[] {
  return send.flatMap((step): readonly Frame[] => {
    if ("frames" in step) return step.frames;
    if ("piecemeal" in step) return [step.piecemeal, ...framesOf(step.between)];
    return "command" in step ? [...step.before ?? [], ...step.behind ?? []] : [];
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
