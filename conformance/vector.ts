/**
 * The format of a vector: what reaches one end of a connection, what its application does, what time passes; and what the
 * application must hear and the peer must get. Vectors are data: check.ts runs them.
 *
 * A vector's outcome does not depend on how its bytes are cut.
 * @module
 */
import type { State } from "../core/websocket/connection.ts";
import type { UpgradeFailureReason } from "../core/websocket/client-upgrade.ts";
import { FAULTS, type FaultName } from "../core/websocket/fault.ts";
import type { Agreement } from "../core/websocket/extension.ts";
import type { Role } from "../core/websocket/frame-parser.ts";
import type { AcceptOptions, OfferOptions } from "../core/websocket/handshake.ts";
import type { Limits } from "../core/websocket/limits.ts";
import { close, type Frame } from "./frames.ts";

/** One story and how it must go. */
export interface Vector {
  /** A sentence; unique. */
  readonly name: string;
  /** The section of RFC 6455 that has the rule; of another one when it says so. */
  readonly section: string;
  /** Which end is tested. */
  readonly role: Role;
  /** Limits other than the defaults. Keepalive is off unless it is named here. */
  readonly limits?: Partial<Limits>;
  /** The connection begins with its opening handshake; without it, it begins open. */
  readonly opening?: ServerOpening | ClientOpening;
  /** The extension that is in use when the connection begins open. */
  readonly extension?: Agreement;
  /** What the application does inside its handler, each time it hears this. */
  readonly inside?: { readonly on: "text" | "binary" | "ping" | "pong"; readonly do: Action };
  /** What happens, in order. The clock starts at 0. */
  readonly steps: readonly Step[];
  /** What the application hears, in order. */
  readonly events: readonly Event[];
  /** What the peer gets behind the heads, in order. Masking follows from the role. */
  readonly output: readonly Frame[];
}

/** A server's opening handshake. */
export interface ServerOpening {
  readonly accept?: AcceptOptions;
  /** The application decides at the step `decide`; else at once. */
  readonly later?: true;
  /** The answer's status and some of its fields; null for a field that must be absent. Undefined: no answer at all. */
  readonly answer: { readonly status: number; readonly fields?: Readonly<Record<string, string | null>> } | undefined;
}

/** A client's opening handshake. Its key is the RFC's own example. */
export interface ClientOpening {
  readonly offer: OfferOptions;
  /** The request as it must be, lines joined with "\n"; not looked at when it is not said. */
  readonly request?: string;
}

/** What an application does. */
export type Action =
  | { readonly send: string | Uint8Array; readonly compress?: boolean; readonly returns?: boolean }
  | { readonly fragment: string | Uint8Array; readonly final: boolean; readonly compress?: boolean; readonly returns?: boolean }
  | { readonly ping: string | Uint8Array; readonly returns?: boolean }
  | { readonly close: readonly [code?: number, reason?: string]; readonly returns?: boolean }
  | { readonly pause: true }
  | { readonly resume: true }
  | { readonly decide: true }
  | { readonly throw: string };

/** What happens to one end, and what must hold in between. */
export type Step =
  | Action
  /** Frames, masked as the peer's role asks; or bytes, or text, as they are. */
  | { readonly receive: readonly (Frame | Uint8Array | string)[] }
  /** The peer's end of stream. */
  | { readonly end: true }
  /** Milliseconds that pass; what falls due in them happens. */
  | { readonly wait: number }
  /** From here on output is not taken, or is taken again. */
  | { readonly blocked: boolean }
  /** The deadline must be this. */
  | { readonly deadline: number }
  /** Whether all output must have ended. */
  | { readonly outputEnded: boolean }
  /** Whether no input must be wanted. */
  | { readonly paused: boolean }
  /** The state must be this. Not for vectors with an opening. */
  | { readonly state: State };

/** What an application hears. */
export type Event =
  | { readonly text: string }
  | { readonly binary: Uint8Array | string }
  | { readonly ping: Uint8Array | string }
  | { readonly pong: Uint8Array | string }
  | { readonly closed: Ending }
  /** The handshake is done; the subprotocol, '' for none. */
  | { readonly opened: string }
  /** The client's handshake failed. */
  | { readonly failed: UpgradeFailureReason };

/** How a connection ended. What is not named is not looked at. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly clean: boolean;
  readonly fault?: FaultName | undefined;
}

/** The same vectors for both roles, which their names then tell. */
export function bothRoles(vectors: readonly Omit<Vector, "role">[]): Vector[] {
  const roles = ["server", "client"] as const;
  return vectors.flatMap((vector) => roles.map((role) => ({ ...vector, role, name: `${vector.name} (${role})` })));
}

/** What follows when the peer breaks a rule on an open connection: it is told, and the application too. */
export function fails(
  name: string,
  fault: FaultName,
  received: readonly (Frame | Uint8Array | string)[],
  before: Partial<Pick<Vector, "limits" | "events" | "output" | "inside">> = {},
): Omit<Vector, "role"> {
  return {
    name,
    section: FAULTS[fault].section,
    ...before,
    steps: [{ receive: received }, { outputEnded: true }, { end: true }],
    events: [...before.events ?? [], { closed: failed(fault) }],
    output: [...before.output ?? [], told(fault)],
  };
}

/** What a handler hears when we failed the connection. */
export function failed(fault: FaultName): Ending {
  return { code: 1006, reason: "", clean: false, fault };
}

/** The close frame that tells a peer of its fault. */
export function told(fault: FaultName): Frame {
  return close(FAULTS[fault].code, FAULTS[fault].message);
}

/** The peer closes with 1000 and ends; put behind what it said before. */
export const GOODBYE: readonly Step[] = [{ receive: [close(1000)] }, { end: true }];
/** What the handler hears of that. */
export const GONE: Event = { closed: { code: 1000, reason: "", clean: true } };
/** What the peer gets for that. */
export const ANSWER: Frame = close(1000);
