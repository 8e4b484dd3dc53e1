import { describe, expect, test } from "vitest";
import { everySeed } from "./every-seed.ts";
import { simulate, type World } from "./world.ts";

describe("time", () => {
  test("stands still but for `run` and `advance`; nothing of the host's passes", async () => {
    const world = simulate({ seed: 1 });
    await world.advance(1_000);
    expect(world.now).toBe(1_000);
    await world.run(() => world.sleep(86_400_000), Infinity);
    expect(world.now).toBe(86_401_000);
    expect(await world.run(async () => {
      await world.advance(500); // inside a run it is a sleep
      return world.now;
    })).toBe(86_401_500);
  });

  test("what is waited for outside of a run is told so, and not left hanging", async () => {
    const world = simulate({ seed: 1 });
    await world.serve({ port: 80 });
    await expect(world.connect("ws://localhost/")).rejects.toThrow("Time stands still: connect inside `world.run(...)`");
    const attempt = world.connect("ws://localhost/"); // in time
    await world.advance(1_000);
    expect((await attempt).state).toBe("open");
  });

  test("a run ends with a sentence when nothing can happen any more, and when its limit is over", async () => {
    const world = simulate({ seed: 9 });
    await expect(world.run(new Promise(() => {}))).rejects.toThrow(/nothing is left to happen; it may wait for a real timer.*\(seed 9, at 0 ms\)/);
    await expect(world.run(world.sleep(7_200_000))).rejects.toThrow("has not settled and 3600000 ms are over (seed 9, at 0 ms)");
    await expect(world.run(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
    await expect(world.run(() => world.run(() => 1))).rejects.toThrow("Cannot run the world from inside a run");
  });

  test("a leap is no time for anybody: what came due happens late, and connections find out by themselves", async () => {
    const world = simulate({ seed: 1 });
    const server = await world.serve({ port: 80 });
    const socket = await world.run(world.connect("ws://localhost/"));
    let fired = 0;
    void world.sleep(1_000).then(() => fired = world.now);
    const before = world.now;
    world.leap(86_400_000);
    expect(fired).toBe(0);
    await world.advance(0);
    expect(fired).toBe(before + 86_400_000);
    await world.advance(60_000);
    expect([socket.state, server.sockets.size]).toEqual(["open", 1]); // both slept, both are pinged, both answer
  });

  test("the wall clock jumps a day either way, and nothing closes", async () => {
    const world = simulate({ seed: 1, date: 1_000_000_000_000 });
    const server = await world.serve({ port: 80 });
    const socket = await world.run(world.connect("ws://localhost/"));
    const { now } = world;
    world.jump(86_400_000);
    expect([world.now, world.date]).toEqual([now, 1_000_086_400_000 + now]);
    await world.advance(120_000);
    world.jump(-2 * 86_400_000);
    await world.advance(120_000);
    expect([socket.state, server.sockets.size]).toEqual(["open", 1]);
  });

  test("a sleep can be aborted, and then sets no timer", async () => {
    const world = simulate({ seed: 1 });
    const stop = new AbortController();
    const slept = world.sleep(1_000, stop.signal).catch((error: Error) => error.message);
    expect(world.timers).toBe(1);
    stop.abort(new Error("enough"));
    expect(await slept).toBe("enough");
    expect(world.timers).toBe(0);
    await expect(world.sleep(1, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });
});

describe("globals", () => {
  test("are the world's while it runs, and the host's before and after", async () => {
    const host = [setTimeout, setInterval, clearTimeout, Date, Math.random, performance.now, AbortSignal.timeout];
    const current = (): unknown[] => [setTimeout, setInterval, clearTimeout, Date, Math.random, performance.now, AbortSignal.timeout];
    const heard: string[] = [];
    const world = simulate({ seed: 1, globals: true, date: Date.UTC(2030, 0, 1) });
    await world.run(async () => {
      const start = performance.now();
      const note = (what: string): void => void heard.push(`${what} after ${performance.now() - start}`);
      const beat = setInterval(note, 400, "beat");
      const never = setTimeout(note, 100, "never");
      clearTimeout(never);
      clearTimeout(undefined);
      setImmediate(note, "soon");
      AbortSignal.timeout(900).onabort = () => note("abort");
      await new Promise((resolve) => setTimeout(resolve, 1_000).unref().ref());
      clearInterval(beat);
      expect(new Date().toISOString()).toBe("2030-01-01T00:00:01.000Z");
      expect(new Date() instanceof Date).toBe(true);
      expect([Date.now() - Date.UTC(2030, 0, 1), new Date(5).getTime(), typeof Date()]).toEqual([1_000, 5, "string"]);
      expect(current().filter((each, at) => each === host[at])).toEqual([]);
    });
    expect(heard).toEqual(["soon after 1", "beat after 400", "beat after 800", "abort after 900"]);
    expect(current()).toEqual(host);
    expect(world.timers).toBe(0);
  });

  test("random numbers come from the seed", async () => {
    const drawn = (): Promise<number[]> => simulate({ seed: 4, globals: true }).run(() => [Math.random(), Math.random()]);
    expect(await drawn()).toEqual(await drawn());
  });

  test("belong to one world at a time, also when a run fails", async () => {
    const [one, other] = [simulate({ globals: true }), simulate({ globals: true })];
    await expect(one.run(() => other.run(() => 1))).rejects.toThrow("Cannot run two worlds with `globals` at a time");
    expect(await other.run(() => 1)).toBe(1);
  });
});

describe("servers", () => {
  test("a crash is heard as a reset, and nobody listens there until somebody serves again", async () => {
    const world = simulate({ seed: 2 });
    const server = await world.serve({ port: 80 });
    await world.run(async () => {
      const socket = await world.connect("ws://localhost/");
      server.crash();
      expect(await socket.closed).toMatchObject({ code: 1006, clean: false });
      expect(server.sockets.size).toBe(0);
      await expect(world.connect("ws://localhost/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
      const again = await world.serve({ port: 80, message: (peer, message) => void peer.send(message) });
      const next = await world.connect("ws://localhost/");
      next.send("back");
      for await (const message of next) {
        expect(message).toBe("back");
        break;
      }
      await again.close();
      expect(await next.closed).toMatchObject({ code: 1001 });
    });
    expect([world.timers, world.links.size]).toEqual([0, 0]);
  });

  test("ports, names, TLS and unix sockets are told apart", async () => {
    const world = simulate({ seed: 2 });
    const tls = { cert: "", key: "" };
    const say = (text: string) => ({ open: (socket: { send(text: string): unknown }) => void socket.send(text) });
    const free = await world.serve(say("free"));
    await world.serve({ port: 443, tls, hostname: "a.example", ...say("a") });
    await world.serve({ port: 443, tls, hostname: "b.example", ...say("b") });
    await world.serve({ unix: "/run/x", ...say("unix") });
    expect(free.url).toMatch(/^ws:\/\/localhost:\d+\/$/);
    const hear = (url: string, options = {}): Promise<unknown> => world.run(async () => {
      for await (const message of await world.connect(url, options)) return message;
      return undefined;
    });
    expect([
      await hear(free.url), await hear("wss://a.example/"), await hear("wss://b.example/"), await hear("ws://any.example/", { unix: "/run/x" }),
    ]).toEqual(["free", "a", "b", "unix"]);
    await world.end();
    expect([world.timers, world.links.size]).toEqual([0, 0]);
  });

  test("offline, everything is silent and nothing is answered; online, it goes on", async () => {
    const world = simulate({ seed: 2 });
    await world.serve({ port: 80, message: (peer, message) => void peer.send(message) });
    await world.run(async () => {
      const socket = await world.connect("ws://localhost/");
      world.offline();
      socket.send("waits");
      await expect(world.connect("ws://localhost/", { limits: { handshakeTimeout: 2_000 } })).rejects.toMatchObject({ code: "ETIMEDOUT" });
      await world.sleep(8_000);
      const before = world.now;
      world.online();
      for await (const message of socket) {
        expect([message, world.now - before < 100]).toEqual(["waits", true]);
        break;
      }
    });
    await world.end();
  });

  test("the class of the web is here too, and its events come before time goes on", async () => {
    const world = simulate({ seed: 2 });
    await world.serve({ port: 80, message: (peer, message) => void peer.send(message) });
    const heard: string[] = [];
    await world.run(() => new Promise<void>((resolve) => {
      const socket = new world.WebSocket("ws://localhost/");
      socket.onopen = () => {
        heard.push("open");
        socket.send("hello");
      };
      socket.onmessage = ({ data }) => {
        heard.push(data as string);
        socket.close(4000);
      };
      socket.onclose = ({ code, wasClean }) => {
        heard.push(`close ${code} ${wasClean}`);
        resolve();
      };
    }));
    expect(heard).toEqual(["open", "hello", "close 4000 true"]);
    expect(world.now).toBeLessThan(300);
  });
});

test("a world that nobody ended keeps no other from connecting", async () => {
  const left = simulate({ seed: 1, dial: (link) => link.hang() });
  new left.WebSocket("ws://localhost/");
  await left.advance(100);
  const world = simulate({ seed: 1 });
  await world.serve({ port: 80 });
  await world.run(() => new Promise((resolve) => new world.WebSocket("ws://localhost/").onopen = resolve));
  await world.end();
});

describe("the trace", () => {
  const story = async (world: World): Promise<void> => {
    await world.serve({ port: 80, message: (peer, message) => void peer.send(message) });
    await world.run(async () => {
      const socket = await world.connect("ws://localhost/");
      for (let count = 0; count < 20; count++) socket.send(`${world.random()}`);
      let got = 0;
      for await (const _ of socket) if (++got === 20) break;
      world.log("all are back");
      await socket.close();
    });
  };

  test("is the same for the same seed, byte for byte on the wire, and another for another", async () => {
    const worlds = [simulate({ seed: 11 }), simulate({ seed: 11 }), simulate({ seed: 12 })];
    for (const world of worlds) await story(world);
    const [one, same, other] = worlds;
    expect(one.trace).toEqual(same.trace);
    expect(one.digest).toBe(same.digest);
    expect(one.digest).not.toBe(other.digest);
    expect(one.trace[0]).toBe("       0.000 link 1 dials localhost:80");
    expect(one.trace.some((line) => / link 1 to server \d+ B [0-9a-f]{8}$/.test(line))).toBe(true);
    expect(one.trace.some((line) => line.endsWith(" all are back"))).toBe(true);
  });

  test("keeps its latest lines, and its digest knows them all", async () => {
    const [long, short] = [simulate({ seed: 11 }), simulate({ seed: 11, maxTrace: 5 })];
    for (const world of [long, short]) await story(world);
    expect(short.trace).toEqual(long.trace.slice(-5));
    expect(short.digest).toBe(long.digest);
  });

  test("needs no seed: one is drawn, and told", async () => {
    const one = simulate();
    await story(one);
    const again = simulate({ seed: one.seed });
    await story(again);
    expect(again.digest).toBe(one.digest);
  });
});

describe("every seed", () => {
  test("runs the scenario in a world for each, and ends what is left", async () => {
    const worlds: World[] = [];
    await everySeed({ seed: 5, runs: 4, network: { delay: 1 } }, async (world) => {
      worlds.push(world);
      await world.serve({ port: 80 });
      await world.connect("ws://localhost/");
      void world.connect("ws://localhost/", { limits: { handshakeTimeout: Infinity } }).catch(() => {});
    });
    expect(worlds.map(({ seed }) => seed)).toEqual([5, 6, 7, 8]);
    expect(worlds.map(({ links, timers }) => links.size + timers)).toEqual([0, 0, 0, 0]);
  });

  test("tells which failed, how to replay it, and what happened last", async () => {
    const cause = new Error("three is enough");
    const failure = await everySeed({ runs: 10 }, (world) => {
      world.log(`I am ${world.seed}`);
      if (world.seed === 3) throw cause;
    }).catch((error: unknown) => error as Error);
    expect(failure?.message).toBe("Seed 3 fails: three is enough\nReplay it alone with { seed: 3, runs: 1 }. What happened last:\n       0.000 I am 3");
    expect(failure?.cause).toBe(cause);
  });

  test("what must hold at any time is asked after each event", async () => {
    let most = 0;
    await expect(everySeed({ runs: 1, afterEach: () => {
      if (++most > 10) throw new Error("more than ten events");
    } }, async (world) => {
      await world.serve({ port: 80 });
      await world.connect("ws://localhost/");
      await world.sleep(600_000);
    })).rejects.toThrow("more than ten events");
  });
});
