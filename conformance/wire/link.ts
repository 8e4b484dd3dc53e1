/**
 * What carries the tester's bytes: a socket, or a protocol in the same process.
 * @module
 */

/** The tester's end of a stream of bytes. */
export interface Link {
  /** Milliseconds on a clock of its own. */
  readonly now: number;
  /** What goes on behind is heard from here on; what came before is told at once. */
  listen(hear: Hear): void;
  write(bytes: Uint8Array): void;
  /** Whether what comes is read; else it stays where it is, and the other side has to wait. */
  read(on: boolean): void;
  /** Ends the tester's side. */
  end(): void;
  /** Drops both sides. */
  destroy(): void;
  /** Lets what was written leave before more is. */
  turn(): Promise<void>;
  /** Waits until something holds, which what is heard may have changed. False when the time was up first. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean>;
}

/** What is heard of the other side. */
export interface Hear {
  /** Its bytes. */
  data(bytes: Uint8Array): void;
  /** It ended its side, or all was lost. Told once. */
  end(lost: boolean): void;
}
