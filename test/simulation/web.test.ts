import { expect, test } from "vitest";
import { everySeed, type World } from "../../index.testing.ts";

/** What a page may rely on, whatever the network does, noted as it is broken. */
function watch(socket: InstanceType<World["WebSocket"]>, faults: string[]): void {
  let state = 0;
  const told = new Set<string>();
  const expectState = (event: string, ...states: number[]): void => {
    if (!states.includes(socket.readyState)) faults.push(`${event} in state ${socket.readyState}`);
    if (socket.readyState < state) faults.push(`state ${state} and then ${socket.readyState}`);
    state = socket.readyState;
    if (told.has("close")) faults.push(`${event} after close`);
    if (event === "message" && !told.has("open")) faults.push("a message before open");
    if (event !== "message" && told.has(event)) faults.push(`${event} twice`);
    if (socket.bufferedAmount < 0) faults.push(`a bufferedAmount of ${socket.bufferedAmount}`);
    told.add(event);
  };
  socket.addEventListener("open", () => expectState("open", 1));
  socket.addEventListener("message", () => expectState("message", 1));
  socket.addEventListener("error", () => expectState("error", 3));
  socket.addEventListener("close", ({ code, wasClean }) => {
    expectState("close", 3);
    if (!wasClean && code !== 1006 && code !== 1005) faults.push(`not clean, with ${code}`);
    if (!told.has("open") && !told.has("error")) faults.push("never opened, and no error");
  });
}

test("the class of the web on 40 bad networks: each event in its state and once, each message in its order", { timeout: 240_000 }, async () => {
  let opened = 0;
  let echoed = 0;
  const faults: string[] = [];
  const rates = { refuse: 0.1, hang: 0.05, cut: 0.1, reset: 30, finish: 20, silence: 20, stall: 40 };
  const afterEach = (): void => {
    if (faults.length > 0) throw new Error(faults[0]);
  };
  await everySeed({ runs: 40, faults: rates, afterEach }, async (world) => {
    const server = await world.serve({
      port: 80, origins: "any", upgrade: ({ query }) => ({ data: { next: 0, name: query.get("name") } }),
      message(socket, message) {
        const data = socket.data as { next: number };
        const number = Number((message as string).split(" ")[0]);
        if (number !== data.next++) faults.push(`the server got ${number} in the place of ${data.next - 1}`);
        if (world.random() < 0.02) void socket.close(4000);
        socket.send(message);
      },
    });
    const end = 4 * 60_000;
    async function page(name: number): Promise<void> {
      while (world.now < end) {
        const socket = new world.WebSocket(`ws://localhost/?name=${name}`);
        watch(socket, faults);
        let sent = 0;
        let got = 0;
        socket.onopen = () => void opened++;
        socket.onmessage = ({ data }) => {
          if (Number((data as string).split(" ")[0]) !== got++) faults.push(`the page got ${data as string} in the place of ${got - 1}`);
          echoed++;
        };
        const closed = new Promise((resolve) => socket.onclose = resolve);
        while (socket.readyState < 2 && world.now < end) {
          if (socket.readyState === 1) socket.send(`${sent++} ${"x".repeat(Math.floor(world.random() * 5_000))}`);
          await Promise.race([closed, world.sleep(world.random() * 2_000)]);
          if (world.random() < 0.01) socket.close(4001, "the page is left");
        }
        socket.close();
        await closed;
      }
    }
    await Promise.all([page(1), page(2)]);
    await server.close();
    await world.sleep(60_000);
    if (world.timers !== 0) faults.push(`${world.timers} timers are left`);
  });
  expect(opened).toBeGreaterThan(300);
  expect(echoed).toBeGreaterThan(3_000);
});
