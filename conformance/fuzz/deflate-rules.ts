/**
 * What the parameters of permessage-deflate may say (RFC 7692, section 7.1), with none of the core's code.
 * @module
 */
import type { Extension } from "./heads-model.ts";

/** The parameters by name, without a value as ""; undefined when the rules of an offer, or of an answer, are broken. */
export function parametersOf([name, parameters]: Extension, answer: boolean): ReadonlyMap<string, string> | undefined {
  const read = new Map<string, string>();
  if (name !== "permessage-deflate") return undefined;
  for (const [key, value = ""] of parameters) {
    const bits = BITS.includes(value);
    const good = key === "server_no_context_takeover" || key === "client_no_context_takeover" ? value === ""
      : key === "server_max_window_bits" ? bits
      : key === "client_max_window_bits" ? bits || (value === "" && !answer)
      : false;
    if (!good || read.has(key)) return undefined;
    read.set(key, value);
  }
  return read;
}

/** What is wrong with a server's choice among these offers; undefined for nothing. A window of 8 bits may be declined. */
export function judgeChoice(offers: readonly Extension[], chosen: readonly Extension[]): string | undefined {
  const good = offers.map((offer) => parametersOf(offer, false)).filter((offer) => offer !== undefined);
  const servable = good.filter((offer) => offer.get("server_max_window_bits") !== "8");
  if (chosen.length === 0) return servable.length === 0 ? undefined : "an offer that follows the rules was declined";
  const answer = parametersOf(chosen[0], true);
  if (chosen.length > 1 || answer === undefined) return "the choice breaks the rules";
  return good.some((offer) => answers(offer, answer)) ? undefined : "the choice answers none of the offers";
}

function answers(offer: ReadonlyMap<string, string>, answer: ReadonlyMap<string, string>): boolean {
  const bits = (from: ReadonlyMap<string, string>, name: string): number => Number(from.get(name) || 15);
  if (offer.has("server_no_context_takeover") && !answer.has("server_no_context_takeover")) return false;
  if (offer.has("server_max_window_bits") && !answer.has("server_max_window_bits")) return false;
  if (answer.has("client_max_window_bits") && !offer.has("client_max_window_bits")) return false;
  return ["server_max_window_bits", "client_max_window_bits"].every((name) => bits(answer, name) <= bits(offer, name));
}

const BITS = ["8", "9", "10", "11", "12", "13", "14", "15"];
