/**
 * The one interface every protocol here has: bytes or messages, time and randomness come in; output and a deadline go out.
 * @module
 */

/** A message as an application sees it: text or binary (RFC 6455, section 5.6). */
export type Message = string | Uint8Array;

/**
 * Feed it, take its output, tell it the time.
 *
 * The one rule: after any call, write what `takeOutput` gives, and look at `deadline`.
 * Inputs are lent, outputs are given. `now` and `deadline` are milliseconds on one clock of the caller's that never goes back.
 */
export interface Protocol<In, Out> {
  /** Consumes one input. It is lent: it is not written to, and nothing of it is kept after the return. */
  receive(input: In, now: number): void;
  /** The peer will send nothing more: its end of stream, or a lost transport. */
  receiveEnd(now: number): void;
  /** Hands over what is queued for the peer, in order. Timers of what is sent start at `now`. */
  takeOutput(now: number): readonly Out[];
  /**
   * True when nothing follows the output already taken: end the write side.
   * Once `deadline` is `Infinity` as well, nothing is awaited either: release the transport, whatever it still holds.
   */
  readonly outputEnded: boolean;
  /** True while it wants no input: stop reading. What arrives all the same is kept, up to a limit. */
  readonly paused: boolean;
  /** When `handleTimeout` is next due; in the past for "as soon as possible", `Infinity` for never. */
  readonly deadline: number;
  /** Set once its work is over, its output taken, and another goes on with the same stream: who runs it may run that one instead. */
  readonly successor?: Protocol<In, Out> | undefined;
  /** Acts on whatever is due. An early or spurious call does nothing. */
  handleTimeout(now: number): void;
}
