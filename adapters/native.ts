/**
 * Connecting with a WebSocket of the platform's: what browsers share with any host that has the WebSocket class of the web.
 * @module
 */
import { hostClock } from "./clock.ts";
import { HandshakeError, refuseOptions } from "./error.ts";
import { type NativeHandler, type NativeLimits, NativeSocket, type NativeWebSocket } from "./native-socket.ts";

/** How to connect, and what to do with what comes. */
export interface NativeConnectOptions extends NativeHandler<undefined> {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: string | readonly string[];
  /** Aborts the attempt; an open socket does not care. */
  readonly signal?: AbortSignal;
  /** Those that are not named keep their defaults. `handshakeTimeout`, in milliseconds, is for the whole attempt: 10,000. */
  readonly limits?: NativeLimits & { readonly handshakeTimeout?: number };
}

/**
 * Opens a WebSocket of the platform's.
 * @param make the constructor
 * @throws {TypeError} for an option that the platform cannot honour, and for a URL or subprotocol that may not be used
 * @throws {HandshakeError} when the connection does not open
 * @throws the signal's reason when it aborts
 */
export async function connectNative(
  make: (url: string, protocols: string[]) => NativeWebSocket,
  url: string,
  options: NativeConnectOptions,
): Promise<NativeSocket<undefined>> {
  refuseOptions(options, UNABLE);
  const { protocols = [], signal, limits } = options;
  signal?.throwIfAborted();
  let native!: NativeWebSocket;
  try {
    native = make(url, typeof protocols === "string" ? [protocols] : [...protocols]);
  } catch (error) {
    throw new TypeError(`Cannot connect to ${url}: ${(error as Error).message}`, { cause: error });
  }
  native.binaryType = "arraybuffer";
  let cleanUp!: () => void;
  const opened = new Promise<NativeSocket<undefined>>((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timeout = limits?.handshakeTimeout ?? 10_000;
    const fail = (message: string, code?: string, cause?: unknown): void => {
      reject(new HandshakeError(`Cannot connect to ${url}: ${message}`, { stage: "connect", url, code, cause }));
    };
    const cancelTimer = timeout === Number.POSITIVE_INFINITY ? undefined
      : hostClock.schedule(() => fail(`it did not open within ${timeout} ms`, "ETIMEDOUT"), timeout);
    cleanUp = () => {
      cancelTimer?.();
      signal?.removeEventListener("abort", onAbort);
    };
    native.addEventListener("open", () => resolve(new NativeSocket(native, { url, data: undefined }, options, limits))); // before any message
    native.addEventListener("error", ({ error }: { error?: unknown }) => fail(error instanceof Error ? error.message : SILENT, undefined, error));
    native.addEventListener("close", () => fail(SILENT));
  });
  try {
    const socket = await opened;
    socket.start();
    return socket;
  } catch (error) {
    native.close();
    throw error;
  } finally {
    cleanUp();
  }
}

const SILENT = "it did not open, and the platform tells scripts no reason; a browser's console may";
const FRAMED = "the platform reads and writes the frames, within limits of its own";
const PINGED = "the platform pings by itself or not at all";

const UNABLE: Readonly<Record<string, string>> = {
  extensions: "the platform negotiates those it has",
  headers: "a browser sends no headers of its own with a WebSocket; pass a token in the URL or as a subprotocol",
  redirects: "the platform decides; browsers follow none",
  tls: "the platform decides whom to trust",
  proxy: "the platform has its own settings for that",
  unix: "the platform connects to hosts only",
  ping: PINGED,
  pong: PINGED,
  frame: "the platform shows no frames",
  "limits.pingInterval": PINGED,
  "limits.pongTimeout": PINGED,
  "limits.maxPendingPongs": PINGED,
  ...Object.fromEntries(
    ["maxMessage", "maxFrame", "maxFragments", "maxHead", "maxLine", "maxFields", "maxBody"].map((name) => [`limits.${name}`, FRAMED]),
  ),
};
