/**
 * What a peer does when a text message asks it to: the in-band commands of the suite.
 * @module
 */
import { binary, close, type Frame, ping, text } from "../../frames.ts";

/** What a command leads to: frames to send, or the end of TCP. */
export type Deed = readonly Frame[] | "drop";

/** The rules of commands. */
export interface CommandRules {
  /** What is done for a text message; undefined for one that is no command, and is echoed. */
  obey(message: string, mayClose: (code: number) => boolean): Deed | undefined;
}

/** As they should be. */
export const COMMAND_RULES: CommandRules = {
  obey: (message, mayClose) => {
    if (!message.startsWith(COMMAND)) return undefined;
    const [verb, first, ...others] = message.slice(COMMAND.length).split(" ");
    const rest = others.join(" ");
    if (verb === "close" && first === undefined) return [close()];
    if (verb === "close") return mayClose(Number(first)) && Buffer.byteLength(rest) <= 123 ? [close(Number(first), rest)] : [text(`${COMMAND}refused`)];
    if (verb === "ping") {
      const payload = [first ?? "", ...others].join(" ");
      return [Buffer.byteLength(payload) <= 125 ? ping(payload) : text(`${COMMAND}refused`)];
    }
    if (verb === "send" && first === "text") return [text("x".repeat(Number(rest)))];
    if (verb === "send" && first === "binary") return [binary(new Uint8Array(Number(rest)))];
    return verb === "drop" ? "drop" : [text(`${COMMAND}unsupported`)];
  },
};

const COMMAND = "conformance:";
