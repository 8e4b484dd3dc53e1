/**
 * What a peer under test does with a message: it echoes it, or does what it says by its public interface. Plain JavaScript with types, for any runtime.
 *
 * Commands are text messages: `conformance:close CODE REASON` (both may be missing), `conformance:ping TEXT`, `conformance:send text|binary N`
 * for a message of N bytes, and `conformance:drop` to end TCP without a close frame. What the interface refuses is answered with the text
 * `conformance:refused`, what it does not have with `conformance:unsupported`.
 * @module
 */

/** Text, or the bytes of a binary message. */
export type Message = string | Uint8Array<ArrayBuffer>;

/** What a peer's interface can do; what it lacks is left out. What throws, now or later, counts as refused. */
export interface Means {
  send(message: Message): unknown;
  /** Without a code where that is undefined; the reason is "" when none is wanted. */
  close?(code: number | undefined, reason: string): unknown;
  ping?(payload: string): unknown;
  drop?(): unknown;
}

/** True for a message that is a command. */
export function isCommand(message: string | Uint8Array): message is string {
  return typeof message === "string" && message.startsWith(PREFIX);
}

/** Echoes a message, or obeys it. */
export function respond(message: Message, means: Means): void {
  if (isCommand(message)) obey(message, means);
  else say(message, means);
}

/** Does what a command says. */
export function obey(command: string, means: Means): void {
  const [verb, first, ...rest] = command.slice(PREFIX.length).split(" ");
  const refuse = (): void => say(`${PREFIX}refused`, means);
  try {
    const act = actionOf(verb, first, rest, means);
    if (act === undefined) say(`${PREFIX}unsupported`, means);
    else void Promise.resolve(act()).catch(refuse);
  } catch {
    refuse();
  }
}

function say(message: Message, means: Means): void {
  try {
    means.send(message);
  } catch {
    // the connection is closing
  }
}

function actionOf(verb: string, first: string | undefined, rest: readonly string[], means: Means): (() => unknown) | undefined {
  switch (verb) {
    case "close":
      return means.close && (() => means.close?.(first === undefined ? undefined : Number(first), rest.join(" ")));
    case "ping":
      return means.ping && (() => means.ping?.([first ?? "", ...rest].join(" ")));
    case "drop":
      return means.drop && (() => means.drop?.());
    case "send":
      return () => void means.send(first === "text" ? "x".repeat(Number(rest[0])) : new Uint8Array(Number(rest[0])));
    default:
      return undefined;
  }
}

const PREFIX = "conformance:";
