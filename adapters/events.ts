/**
 * What the WebSocket class needs of the DOM standard and a host may lack: event handler attributes, CloseEvent.
 * @module
 */

/** Dispatches an event, whatever a program put in the place of `dispatchEvent`. */
export function dispatch(target: EventTarget, event: Event): void {
  EventTarget.prototype.dispatchEvent.call(target, event);
}

/** The event handler attributes of one object, such as `onopen` (HTML, section 8.1.8.1). */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #slots: Map<string, { value: object; listener: (event: Event) => void }> = new Map();

  /** No handler is set at first. */
  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** What was set: any object, null when there is none. */
  get(type: string): object | null {
    return this.#slots.get(type)?.value ?? null;
  }

  /**
   * Sets a handler; what is no object stands for null. A handler takes its place among the listeners when it is first
   * set; one that replaces another keeps that place, and null gives it up.
   */
  set(type: string, value: unknown): void {
    const slot = this.#slots.get(type);
    if (!isObject(value)) {
      if (slot === undefined) return;
      this.#slots.delete(type);
      EventTarget.prototype.removeEventListener.call(this.#target, type, slot.listener);
    } else if (slot !== undefined) {
      slot.value = value;
    } else {
      const added = { value, listener: (event: Event) => callHandler(added.value, event) };
      this.#slots.set(type, added);
      EventTarget.prototype.addEventListener.call(this.#target, type, added.listener);
    }
  }
}

/** An object that cannot be called is kept, and nothing is called. */
function callHandler(handler: object, event: Event): void {
  if (typeof handler === "function" && Reflect.apply(handler, event.currentTarget, [event]) === false) event.preventDefault();
}

/** True for what ECMAScript calls an object, functions among them. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** The end of a connection, as an event. */
export interface CloseEvent extends Event {
  /** True when both sides sent a close frame. */
  readonly wasClean: boolean;
  /** The close code the peer's close frame carried; 1005 when it carried none, 1006 when no close frame came. */
  readonly code: number;
  /** The reason the peer's close frame carried. */
  readonly reason: string;
}

/** What a CloseEvent is made from. */
export interface CloseEventInit {
  /** True when its target's ancestors hear it too; false when left out. */
  readonly bubbles?: boolean;
  /** True when `preventDefault` has an effect; false when left out. */
  readonly cancelable?: boolean;
  /** True when it leaves a shadow tree; false when left out. */
  readonly composed?: boolean;
  /** True when both sides sent a close frame; false when left out. */
  readonly wasClean?: boolean;
  /** The close code, as an unsigned short; 0 when left out. */
  readonly code?: number;
  /** The close reason; '' when left out. */
  readonly reason?: string;
}

/** The class of close events. */
export interface CloseEventConstructor {
  /** Makes an event that nothing has dispatched. */
  new (type: string, init?: CloseEventInit): CloseEvent;
  /** What every close event inherits from. */
  readonly prototype: CloseEvent;
}

/** A close event for hosts without one (WHATWG WebSockets, section 6); what is tested beside the host's own. */
export function closeEventClass(): CloseEventConstructor {
  class OwnCloseEvent extends Event implements CloseEvent {
    readonly #wasClean: boolean;
    readonly #code: number;
    readonly #reason: string;

    constructor(type: string, init: CloseEventInit = {}) {
      if (arguments.length < 1) throw new TypeError("Cannot make a CloseEvent without a type");
      super(type, init);
      const { code = 0, reason = "", wasClean = false } = init ?? {};
      this.#code = new Uint16Array([+code])[0]; // an unsigned short
      this.#reason = decoder.decode(encoder.encode(`${reason}`)); // a USVString
      this.#wasClean = Boolean(wasClean);
    }

    get wasClean(): boolean {
      return this.#wasClean;
    }

    get code(): number {
      return this.#code;
    }

    get reason(): string {
      return this.#reason;
    }
  }
  shapeInterface(OwnCloseEvent, "CloseEvent");
  return OwnCloseEvent;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Gives a class the shape of a Web IDL interface: its name, whatever a bundler made of it; enumerable members;
 * constants on the class and its prototype.
 */
export function shapeInterface(constructor: { readonly prototype: object }, name: string, constants: Readonly<Record<string, number>> = {}): void {
  const { prototype } = constructor;
  Object.defineProperty(constructor, "name", { value: name, configurable: true });
  for (const member of Object.getOwnPropertyNames(prototype)) {
    if (member !== "constructor") Object.defineProperty(prototype, member, { enumerable: true });
  }
  for (const [constant, value] of Object.entries(constants)) {
    for (const holder of [constructor, prototype]) Object.defineProperty(holder, constant, { value, enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** The host's own class of close events where it has one: Node 20 has none. */
export const CloseEvent: CloseEventConstructor = (globalThis as { CloseEvent?: CloseEventConstructor }).CloseEvent ?? /* @__PURE__ */ closeEventClass();
