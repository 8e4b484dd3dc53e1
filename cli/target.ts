/**
 * The URL as people type it.
 * @module
 */
import { UsageError } from "./exit.ts";

/** A URL to connect to. */
export interface Target {
  readonly url: string;
  /** What was added to what was typed, when something was. */
  readonly note: string | undefined;
}

/** Adds a scheme where there is none: ws for this machine, wss for any other. */
export function toTarget(text: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1].toLowerCase();
  if (scheme === "ws" || scheme === "wss") return checked(text, undefined);
  if (scheme === "http" || scheme === "https") {
    const url = text.replace(/^http/i, "ws");
    return checked(url, `${scheme}:// stands for ${url.slice(0, url.indexOf(":"))}://: connecting to ${url}`);
  }
  if (scheme !== undefined) throw new UsageError(`Cannot connect to "${text}": the scheme must be ws or wss, not ${scheme}`);
  const rest = text.startsWith(":") ? `localhost${text}` : text.replace(/^\/\//, "");
  const url = `${LOCAL.test(rest) ? "ws" : "wss"}://${rest}`;
  return checked(url, `no scheme was given: connecting to ${url}`);
}

function checked(url: string, note: string | undefined): Target {
  if (!URL.canParse(url)) throw new UsageError(`Cannot connect to "${url}": it is no URL, such as ws://127.0.0.1:8080/`);
  if (url.includes("#")) throw new UsageError(`Cannot connect to "${url}": a WebSocket URL has no fragment; write %23 for a "#"`);
  return { url, note };
}

const LOCAL = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])(?=[:/?]|$)/i;
