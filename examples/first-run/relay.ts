/**
 * What a room and the hub say to each other, as JSON over `/relay`.
 * @module
 */

/** A message of the chat, as everybody hears it. */
export interface Said {
  /** Different for each message, on whichever server. */
  readonly id: string;
  readonly from: string;
  /** The runtime of the server it was said to. */
  readonly through: string;
  readonly text: string;
}

/** A remark, as everybody hears it. */
export interface Note {
  readonly id: string;
  readonly note: string;
  /** How many people are here now, whichever servers they talk through. */
  readonly here: number;
}

/** What a room reports. */
export type FromRoom =
  | { readonly do: "say"; readonly person: string; readonly said: Said }
  | { readonly do: "join" | "rename"; readonly person: string; readonly name: string }
  | { readonly do: "leave"; readonly person: string };

/** What a room is told. */
export type FromHub =
  | { readonly do: "say"; readonly person: string; readonly said: Said }
  | { readonly do: "note"; readonly note: Note }
  | { readonly do: "stop" };
