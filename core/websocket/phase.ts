/**
 * The closing handshake as one table (RFC 6455, sections 1.4, 5.5.1 and 7.1). To change how a connection ends, change a cell.
 *
 * 1. A close frame is answered with a close frame, once; after its own a side sends nothing more (5.5.1).
 * 2. When both have passed, the server ends TCP first and the client waits for it (7.1.1).
 * 3. A side that fails the connection tells why in a close frame, ends its write side and reads no more data (7.1.7).
 * 4. Whatever the peer does, it is over after one deadline (7.1.1: "in abnormal cases").
 *
 * `docs/closing.md` has the diagram that is drawn from this table.
 * @module
 */
import type { Role } from "./frame-parser.ts";

/**
 * - `open`: both may send.
 * - `closing`: our close frame is sent, the peer's is awaited; its messages still count.
 * - `waiting`: both have passed; a client waits for the server to end TCP.
 * - `ending`: our write side is ended; the peer's end is awaited and its bytes are discarded.
 * - `ended`: nothing is awaited.
 */
export type Phase = "open" | "closing" | "waiting" | "ending" | "ended";

/**
 * - `sendClose`: the application closes.
 * - `receiveClose`: the peer's close frame came.
 * - `fault`: we fail the connection.
 * - `end`: the peer's end of stream, or the transport was lost.
 * - `timeout`: the closing deadline passed, or in `open` the keepalive's: nothing reaches the peer any more.
 */
export type ClosingEvent = "sendClose" | "receiveClose" | "fault" | "end" | "timeout";

/** The phase after each event in one phase. */
export type Row = Readonly<Record<ClosingEvent, Phase>>;

/** The phase after each event in each phase, for each role. */
export const PHASES: Readonly<Record<Role, Readonly<Record<Phase, Row>>>> = {
  client: table("waiting"),
  server: table("ending"),
};

function table(bothClosed: Phase): Record<Phase, Row> {
  return {
    open:    { sendClose: "closing", receiveClose: bothClosed, fault: "ending",  end: "ending", timeout: "ended" },
    closing: { sendClose: "closing", receiveClose: bothClosed, fault: "ending",  end: "ending", timeout: "ended" },
    waiting: { sendClose: "waiting", receiveClose: "waiting",  fault: "waiting", end: "ending", timeout: "ended" },
    ending:  { sendClose: "ending",  receiveClose: "ending",   fault: "ending",  end: "ending", timeout: "ended" },
    ended:   { sendClose: "ended",   receiveClose: "ended",    fault: "ended",   end: "ended",  timeout: "ended" },
  };
}
