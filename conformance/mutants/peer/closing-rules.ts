/**
 * How a right peer ends a connection, each rule on its own (RFC 6455, sections 5.5.1 and 7.1): a mutant replaces one.
 * @module
 */
import type { Frame } from "../../frames.ts";
import type { Role } from "./connection-rules.ts";

/** How far the end of a connection has come. */
export interface Ending {
  readonly role: Role;
  /** A close frame was sent. */
  readonly sent: boolean;
  /** The other side's close frame came. */
  readonly received: boolean;
  /** The other side broke a rule. */
  readonly failed: boolean;
  /** A frame was begun, and is not whole. */
  readonly isInFrame: boolean;
}

/** The rules of closing. */
export interface ClosingRules {
  /** 5.5.1: a close frame waits until its payload is there. */
  readonly waitsForPayload: boolean;
  /** 5.5.1: what was to be sent before a close frame still is. */
  readonly keepsUnsent: boolean;
  /** 5.5.1: how long the answer to a close frame takes, in milliseconds; none comes once TCP has ended. */
  readonly answersAfter: number;
  /** 5.5.1, 7.1.2: an end sends one close frame: to answer one, or for a fault. */
  maySendClose(why: "answer" | "fault", ending: Ending): boolean;
  /** 5.5.1: once a close frame is sent nothing follows it. */
  maySendBehindClose(frame: Frame): boolean;
  /** 5.5.1, 7.1.7: what comes behind a close frame, or a fault, is not acted on. */
  readsBehind(what: "close" | "fault"): boolean;
  /** 7.1.1: TCP is not ended as long as a close frame waits for its answer. */
  readonly waitsForAnswer: boolean;
  /** 7.1.1: TCP is ended behind both close frames, or a fault: by a server at once, by a client once the server has. */
  endsTcp(role: Role, isEndedByPeer: boolean, behind: "close" | "fault" | "nothing"): boolean;
  /** 7.1.1: how long the other side may take to answer a close frame, or to end TCP behind both, in milliseconds. */
  readonly closePatience: number;
  /** 7.1.5: what is sent when the other side ends TCP. */
  answerEnd(ending: Ending): readonly Frame[];
}

/** As they should be. */
export const CLOSING_RULES: ClosingRules = {
  waitsForPayload: true,
  keepsUnsent: true,
  answersAfter: 0,
  maySendClose: (_, { sent }) => !sent,
  maySendBehindClose: () => false,
  readsBehind: () => false,
  waitsForAnswer: true,
  endsTcp: (role, isEndedByPeer) => role === "server" || isEndedByPeer,
  closePatience: 2_000,
  answerEnd: () => [],
};
