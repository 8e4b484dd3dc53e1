/**
 * The first run on workerd: raw TCP in, and our own protocol on it.
 *
 * What one connection's request opened, another's may not write to. A Durable Object is one context for all that comes to it,
 * so the room is in one; the Worker in front of it only carries bytes there and back.
 * @module
 */
import { accept, type WorkersSocket } from "../../../index.workers.ts";
import { Room } from "../room.ts";

/** What the configuration binds. */
interface Environment {
  readonly TOKEN: string;
  readonly ORIGINS: string;
  readonly ROOMS: { getByName(name: string): { connect(address: string): WorkersSocket } };
}

/** The room, and every socket of it. */
export class RoomObject {
  readonly #room: Room;
  readonly #origins: readonly string[];

  constructor(_state: unknown, { TOKEN, ORIGINS }: Environment) {
    this.#room = new Room({ runtime: "workerd", token: TOKEN });
    this.#origins = ORIGINS.split(" ");
  }

  connect(socket: WorkersSocket): Promise<void> {
    return accept(socket, { ...this.#room.handler, origins: this.#origins });
  }
}

const worker: { connect(socket: WorkersSocket, environment: Environment): Promise<unknown> } = {
  connect({ readable, writable }, { ROOMS }) {
    const inner = ROOMS.getByName("room").connect("room:80");
    return Promise.allSettled([readable.pipeTo(inner.writable), inner.readable.pipeTo(writable)]);
  },
};
export default worker;
