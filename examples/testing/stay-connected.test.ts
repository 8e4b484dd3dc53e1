import { expect, test } from "vitest"; // or any other runner
import { everySeed, simulate } from "../../index.testing.ts"; // "isosocket/testing"
import { stayConnected } from "./stay-connected.ts";

test("it comes back within a minute of the server, however long that was away", async () => {
  const world = simulate({ seed: 1, globals: true }); // its `setTimeout` is the world's
  await world.run(async () => {
    const server = await world.serve({ port: 443 });
    const stop = new AbortController();
    const done = stayConnected("ws://chat.example:443/", async (socket) => void await socket.closed, stop.signal, world.connect);
    await world.sleep(1_000);
    expect(server.sockets.size).toBe(1);

    server.crash(); // kill -9
    await world.sleep(3_600_000); // an hour later, which takes no time
    const again = await world.serve({ port: 443 });
    await world.sleep(60_000);
    expect(again.sockets.size).toBe(1);

    stop.abort();
    await again.close();
    await done;
  }, 2 * 3_600_000);
  expect(world.timers).toBe(0); // nothing is left behind
});

test("it gets its news on a bad network, whatever happens: 50 networks", async () => {
  await everySeed({ runs: 50, faults: true, globals: true }, async (world) => {
    const server = await world.serve({ port: 443, open: (socket) => void socket.send("news") });
    const stop = new AbortController();
    let news = 0;
    const done = stayConnected("ws://chat.example:443/", async (socket) => {
      for await (const _ of socket) news++;
    }, stop.signal, world.connect);
    await world.sleep(30 * 60_000); // half an hour of refused dials, resets, silences and stalls
    world.calm(); // from here on nothing goes wrong
    const before = news;
    await server.drain({ code: 1012, reason: "update" }); // everybody goes, and
    const next = await world.serve({ port: 443, open: (socket) => void socket.send("news") });
    await world.sleep(2 * 60_000);
    expect(news).toBeGreaterThan(before); // is back within two minutes
    stop.abort();
    await next.close();
    await done;
  });
});
