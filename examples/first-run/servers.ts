/**
 * The servers of the first run, side by side: this process's own, and one on each other runtime.
 * @module
 */
import { type Child, type ChildName, startChild, type Task } from "./children.ts";
import type { Hub } from "./hub.ts";

/** A server, as the page is told of it. */
export interface ServerStatus {
  readonly name: "node" | ChildName;
  /** The runtime, as people call it. */
  readonly title: string;
  readonly state: "starting" | "open" | "failed" | "ended";
  readonly version?: string;
  /** Where to connect to; absent for the server that the page came from. */
  readonly url?: string;
  /** Why it is failed or ended, in a sentence. */
  readonly reason?: string;
}

/** Starts the servers, links them, and keeps the list. */
export class Servers {
  readonly #hub: Hub;
  readonly #onChange: (list: readonly ServerStatus[]) => void;
  readonly #list: Map<string, ServerStatus> = new Map();
  readonly #children: Set<Child> = new Set();
  readonly #stopped = new AbortController();
  readonly #starting: Promise<unknown>[] = [];

  /**
   * @param names those besides this process's own
   * @param onChange hears that the list is another one
   */
  constructor(hub: Hub, names: readonly ChildName[], onChange: (list: readonly ServerStatus[]) => void) {
    this.#hub = hub;
    this.#onChange = onChange;
    this.#list.set("node", { name: "node", title: TITLES.node, state: "open", version: process.versions.node });
    for (const name of names) this.#list.set(name, { name, title: TITLES[name], state: "starting" });
  }

  get list(): readonly ServerStatus[] {
    return [...this.#list.values()];
  }

  /** Starts one. What goes wrong is in the list. */
  start(name: ChildName, task: Task): void {
    const title = TITLES[name];
    this.#starting.push(this.#run(name, title, task).catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#set({ name, title, state: "failed", reason: toSentence(error) });
    }));
  }

  /** Ends all at once. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#starting);
    await Promise.all([...this.#children].map((child) => child.stop()));
  }

  async #run(name: ChildName, title: string, task: Task): Promise<void> {
    const child = await startChild(name, task, this.#stopped.signal);
    const { version, port } = child;
    this.#children.add(child);
    void child.ended.then((reason) => {
      this.#children.delete(child);
      if (!this.#stopped.signal.aborted) this.#set({ name, title, version, state: "ended", reason });
    });
    const url = `ws://127.0.0.1:${port}/`;
    try {
      const link = await this.#hub.link(url);
      void link.closed.then(() => child.stop()); // without it, nobody hears what is said there
    } catch (error) {
      await child.stop();
      throw error;
    }
    this.#set({ name, title, version, url, state: "open" });
  }

  #set(status: ServerStatus): void {
    this.#list.set(status.name, status);
    this.#onChange(this.list);
  }
}

function toSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const TITLES: Readonly<Record<ServerStatus["name"], string>> = { node: "Node", deno: "Deno", bun: "Bun", workerd: "workerd" };
