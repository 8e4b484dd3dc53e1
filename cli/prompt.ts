/**
 * A line being typed, which what arrives meanwhile does not destroy.
 * @module
 */
import { createInterface, cursorTo, clearScreenDown, type Interface, moveCursor } from "node:readline";

/** Reads lines from the terminal, with history and completion. It writes on stderr only. */
export class Prompt {
  readonly #interface: Interface;
  #open = true;

  /** @param words what a Tab completes */
  constructor(words: readonly string[]) {
    this.#interface = createInterface({
      input: process.stdin,
      output: process.stderr,
      prompt: "> ",
      completer: (line: string) => [line.startsWith("/") ? words.filter((word) => word.startsWith(line)) : [], line],
    });
  }

  /** Starts: `onLine` hears each line, `onEnd` of Ctrl-D, `onInterrupt` of Ctrl-C. */
  start(onLine: (line: string) => void, onEnd: () => void, onInterrupt: () => void): void {
    this.#interface.on("line", (line) => {
      onLine(line);
      if (this.#open) this.#interface.prompt();
    });
    this.#interface.on("close", () => {
      if (!this.#open) return;
      this.#open = false;
      process.stderr.write("\n");
      onEnd();
    });
    this.#interface.on("SIGINT", onInterrupt);
    this.#interface.prompt();
  }

  /** Prints above the line being typed. */
  print(stream: NodeJS.WriteStream, text: string | Uint8Array): boolean {
    if (!this.#open) return stream.write(text);
    const { stderr } = process;
    moveCursor(stderr, 0, -this.#interface.getCursorPos().rows);
    cursorTo(stderr, 0);
    clearScreenDown(stderr);
    const more = stream.write(text);
    // readline would go up by the rows that it drew last: they are gone
    (this.#interface as Interface & { prevRows: number }).prevRows = 0;
    this.#interface.prompt(true);
    return more;
  }

  /** Ends: the line being typed is taken away. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    const { stderr } = process;
    moveCursor(stderr, 0, -this.#interface.getCursorPos().rows);
    cursorTo(stderr, 0);
    clearScreenDown(stderr);
    this.#interface.close();
  }
}
