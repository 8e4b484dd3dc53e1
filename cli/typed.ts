/**
 * What somebody types at the prompt: messages, and commands that begin with a slash.
 * @module
 */
import type { Socket } from "../index.node.ts";
import type { Report } from "./report.ts";
import { suggest } from "./suggest.ts";
import { toBytes } from "./value.ts";

/** The commands, for Tab. */
export const COMMAND_WORDS: readonly string[] = ["/ping", "/close", "/binary ", "/help"];

/** Where what is typed goes. */
export interface Typing {
  readonly socket: Socket<undefined>;
  readonly report: Report;
  /** Sends a line, as text or as bytes. */
  send(line: string | Uint8Array): void;
  ping(): void;
  close(code: number | undefined, reason: string): void;
}

/** Acts on one line. */
export function act(line: string, typing: Typing): void {
  if (line === "") return;
  if (line.startsWith("//")) return typing.send(line.slice(1));
  if (!line.startsWith("/")) return typing.send(line);
  const [word, ...rest] = line.trim().split(/\s+/);
  const { report } = typing;
  if (word === "/ping") return typing.ping();
  if (word === "/help") return HELP.forEach((text) => report.note(text));
  if (word === "/close") return close(rest, typing);
  if (word === "/binary") {
    const bytes = toBytes(rest.join(""));
    if (bytes === undefined || rest.length === 0) return report.error('Write bytes as pairs of hexadecimal digits, such as "/binary 00 ff"', {});
    return typing.send(bytes);
  }
  const near = suggest(word, COMMAND_WORDS.map((command) => command.trim()));
  report.error(`There is no command "${word}".${near === "" ? " /help lists them." : near} To send it as it is: /${line}`, {});
}

function close([code, ...reason]: readonly string[], typing: Typing): void {
  try {
    typing.close(code === undefined ? undefined : Number(code), reason.join(" "));
  } catch (error) {
    typing.report.error((error as Error).message, {});
  }
}

const HELP: readonly string[] = [
  "What you type is sent as a text message. Besides:",
  "  /ping                   ping the server, and show the round trip",
  "  /binary HEX             send bytes, such as /binary 00 ff",
  "  /close [CODE [REASON]]  close the connection, as Ctrl-D does",
  "  //TEXT                  send text that begins with a slash",
  "  Ctrl-C                  close and end; twice: end at once",
];
