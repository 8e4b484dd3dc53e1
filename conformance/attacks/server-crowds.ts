/**
 * Many connections, and connections that are broken off: what a server must give back.
 * @module
 */
import { binary, close, concat, encodeFrame, frame, ping, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, worst } from "./attack.ts";
import { STORIES } from "./server-frames.ts";
import { judgeOpen, judgeRefusal, PLEAS, toRequest } from "./server-handshake.ts";
import { ask, eventually, LONG_PATIENCE, many, Peer, PATIENCE, repeat, type ServerGround, sleep, upgradeRequest } from "./server-peer.ts";

const MIB = 1024 * 1024;

/** Does something with the victim's descriptors counted: afterwards it must have no more than before, and live. */
async function givesBack(ground: ServerGround, body: () => Promise<Finding | void>, serves: (ground: ServerGround) => Promise<Finding> = works): Promise<Finding> {
  const before = ground.process.files;
  const finding = await body() ?? pass();
  const back = await eventually(() => (ground.process.files ?? 0) <= (before ?? 0) + SPARE, LONG_PATIENCE);
  if (!ground.process.alive) return fail("its process has ended");
  const still = await serves(ground);
  return worst([finding, still, expect(back, `of ${before} descriptors there are ${ground.process.files}`)]);
}

/** A connection that means no harm is served. */
export async function works(ground: ServerGround, target = "/"): Promise<Finding> {
  const { peer, answer } = await ask(ground, upgradeRequest(ground, { target }));
  if (answer === undefined) return fail("it does not answer any more");
  return judgeOpen(peer, answer).finally(() => peer.destroy());
}

/** The neighbour's own connection may come and go. */
const SPARE = 3;

async function breakOff(ground: ServerGround, times: number, atOnce: number, body: (peer: Peer, at: number) => Promise<void> | void): Promise<void> {
  await many(times, atOnce, async (at) => {
    const peer = new Peer(ground);
    await new Promise<void>((resolve) => peer.socket.once("connect", () => resolve()).once("close", () => resolve()));
    await body(peer, at);
    if (!peer.closed) peer.reset();
  });
}

/** Another server, whose application decides so many milliseconds after it was asked. */
function slowServer({ other }: ServerGround, milliseconds: number): Promise<ServerGround> {
  return (other as NonNullable<typeof other>)("--decide-after", String(milliseconds));
}

const NEEDS_SLOW: Attack<ServerGround>["skip"] = ({ other }) => other === undefined ? "it needs a server whose application takes its time" : undefined;

export const CROWD_ATTACKS: readonly Attack<ServerGround>[] = [
  {
    id: "K-50",
    rule: "Three hundred resets while the application decides kill nothing and leave nothing",
    source: "CVE-2026-126343",
    skip: NEEDS_SLOW,
    async run(ground) {
      const slow = await slowServer(ground, 50);
      return givesBack(slow, () => breakOff(slow, 300, 50, async (peer, at) => {
        peer.write(upgradeRequest(slow));
        await sleep(at % 3 * 20);
      }));
    },
  },
  {
    id: "K-51",
    rule: "Frames sent while the application decides are kept for the connection",
    source: "RFC 6455, 4.1",
    skip: NEEDS_SLOW,
    async run(ground) {
      const slow = await slowServer(ground, 50);
      const peer = new Peer(slow);
      peer.write(concat([Buffer.from(upgradeRequest(slow), "latin1"), peer.encode(text("early"), close(1000))]));
      const answer = await peer.answer();
      await peer.until(() => peer.ended);
      peer.destroy();
      return expect(answer?.status === 101 && peer.heard.join() === "early" && peer.closeCode === 1000, `it answered ${answer?.status} and ${peer.heard.join()}`);
    },
  },
  {
    id: "K-52",
    rule: "Megabytes sent while the application decides are not kept without limit",
    source: "CVE-2026-15565",
    memory: 48 * MIB,
    skip: NEEDS_SLOW,
    async run(ground) {
      const slow = await slowServer(ground, 2000);
      const before = slow.process.rss ?? 0;
      const peers: Peer[] = [];
      await many(16, 16, async () => {
        const peer = new Peer(slow);
        peers.push(peer);
        peer.write(upgradeRequest(slow));
        await peer.flood(new Uint8Array(65_536), 64, 1_000);
      });
      const growth = ((slow.process.rss ?? 0) - before) / MIB;
      for (const peer of peers) peer.reset();
      return worst([expect(growth <= 64, `it holds ${growth.toFixed(1)} MiB more`), await works(slow)]);
    },
  },
  {
    id: "K-53",
    rule: "A hook's refusals leave nothing: memory and descriptors come back",
    source: "CVE-2026-73565",
    skip: ({ other }) => other === undefined ? "it needs a server whose application refuses" : undefined,
    async run(ground) {
      const slow = await slowServer(ground, 50);
      return refusals(slow, ground.long ? 6_000 : 1_500, (at) => upgradeRequest(slow, { target: `/refused?${at}` }));
    },
  },
  {
    id: "K-54",
    rule: "Six thousand refused upgrades leave nothing: memory and descriptors come back",
    source: "CVE-2026-73565",
    run: (ground) => refusals(ground, ground.long ? 6_000 : 3_000, () => upgradeRequest(ground, { fields: { "Sec-WebSocket-Key": "no key" } })),
  },
  {
    id: "K-55",
    rule: "A second upgrade in the same write is not answered: it is no frame",
    source: "CVE-2026-130647",
    async run(ground) {
      const peer = new Peer(ground);
      peer.write(upgradeRequest(ground) + upgradeRequest(ground));
      const answer = await peer.answer();
      await peer.until(() => peer.ended);
      peer.destroy();
      return expect(answer?.status === 101 && peer.closeCode === 1002 && peer.text.split("HTTP/1.1 ").length === 2, `it answered ${answer?.status} and closed with ${peer.closeCode}`);
    },
  },
  {
    id: "K-56",
    rule: "A plain request behind the upgrade is not answered: it is no frame",
    source: "CVE-2026-130647",
    async run(ground) {
      const peer = new Peer(ground);
      peer.write(`${upgradeRequest(ground)}GET /admin HTTP/1.1\r\nHost: a\r\n\r\n`);
      const answer = await peer.answer();
      await peer.until(() => peer.ended);
      peer.destroy();
      return expect(answer?.status === 101 && peer.closeCode === 1002 && peer.broken === undefined, `it answered ${answer?.status} and closed with ${peer.closeCode}`);
    },
  },
  {
    id: "K-57",
    rule: "Behind a refused upgrade nothing is answered",
    source: "RFC 9112, 9.6",
    async run(ground) {
      const refused = upgradeRequest(ground, { fields: { "Sec-WebSocket-Version": "12" } });
      const { peer, answer } = await ask(ground, refused + upgradeRequest(ground));
      return answer === undefined ? fail("it did not answer") : judgeRefusal(peer, answer).finally(() => peer.destroy());
    },
  },
  {
    id: "K-58",
    rule: "The first frame in the same packet as the request is read",
    source: "RFC 6455, 4.1",
    async run(ground) {
      const peer = new Peer(ground);
      peer.write(concat([Buffer.from(upgradeRequest(ground), "latin1"), peer.encode(text("at once"), close(1000))]));
      const answer = await peer.answer();
      await peer.until(() => peer.ended);
      peer.destroy();
      return expect(answer?.status === 101 && peer.heard.join() === "at once", `it answered ${answer?.status} and ${peer.heard.join()}`);
    },
  },
  {
    id: "K-59",
    rule: "A request that comes byte by byte is served",
    source: "RFC 9112, 2.1",
    async run(ground) {
      const peer = new Peer(ground);
      for (const byte of Buffer.from(upgradeRequest(ground), "latin1")) {
        peer.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const answer = await peer.answer();
      return answer?.status === 101 ? judgeOpen(peer, answer).finally(() => peer.destroy()) : fail(`it answered ${answer?.status}`);
    },
  },
  {
    id: "K-60",
    rule: "Headers without end are cut off within a megabyte",
    source: "CVE-2026-54465",
    memory: 16 * MIB,
    run: (ground) => endless(ground, "GET / HTTP/1.1\r\n", `X-Endless: ${"x".repeat(1_000)}\r\n`),
  },
  {
    id: "K-61",
    rule: "A header line without end is cut off within a megabyte",
    source: "CVE-2026-54465",
    memory: 16 * MIB,
    run: (ground) => endless(ground, "GET / HTTP/1.1\r\nX-Endless: ", "x".repeat(1_000)),
  },
  {
    id: "K-62",
    rule: "A request line without end is cut off within a megabyte",
    source: "CVE-2026-54465",
    memory: 16 * MIB,
    run: (ground) => endless(ground, "GET /", "x".repeat(1_000)),
  },
  {
    id: "K-63",
    rule: "Empty lines without end are cut off within a megabyte",
    source: "RFC 9112, 2.2",
    memory: 16 * MIB,
    skip: ({ runtime }) => runtime === "attach" ? "node:http skips them until its time is up" : undefined,
    run: (ground) => endless(ground, "", "\r\n".repeat(500)),
  },
  {
    id: "K-64",
    rule: "Connections that end or are reset before, within or behind the request leave nothing",
    source: "CVE-2026-129500; CVE-2022-21676",
    run: (ground) => givesBack(ground, () => breakOff(ground, 400, 50, async (peer, at) => {
      const request = upgradeRequest(ground);
      if (at % 4 > 0) peer.write(request.slice(0, at % 4 === 3 ? undefined : at % request.length));
      if (at % 2 === 0) await sleep(5);
      if (at % 8 < 4) peer.socket.end();
      if (at % 16 < 8) await sleep(5);
    })),
  },
  {
    id: "R-20",
    rule: "Connections that are reset inside a frame, a message or a flood leave nothing",
    source: "CVE-2024-1635; CVE-2017-2670",
    run: (ground) => givesBack(ground, () => many(300, 50, async (at) => {
      const peer = await Peer.open(ground);
      if (at % 3 === 0) peer.write(peer.encode(text("x".repeat(200))).subarray(0, 1 + at % 200));
      if (at % 3 === 1) peer.send(text("a", { fin: false }));
      if (at % 3 === 2) peer.send(...Array.from({ length: 50 }, () => ping("p")));
      if (at % 2 === 0) await sleep(5);
      peer.reset();
    })),
  },
  {
    id: "R-21",
    rule: "A thousand headers that declare a megabyte reserve none",
    source: "CVE-2026-19204; RFC 6455, 10.4",
    memory: 48 * MIB,
    run: (ground) => crowd(ground, 1_000, (peer) => void peer.write(encodeFrame(frame(2, "x", { length: BigInt(ground.maxMessage), lengthBits: 64 }), 1))),
  },
  {
    id: "R-22",
    rule: "A connection that sent 56 KiB and a small frame and then nothing holds little",
    source: "RFC 6455, 10.4",
    run: idle,
  },
  {
    id: "R-23",
    rule: "Two thousand connections that open and close leave nothing",
    source: "CVE-2024-23672",
    run: (ground) => givesBack(ground, () => many(2_000, 50, async (at) => {
      const peer = await Peer.open(ground);
      peer.send(text("x"), close(at % 2 === 0 ? 1000 : undefined));
      if (at % 4 < 2) await peer.until(() => peer.ended);
      if (at % 8 < 4) peer.socket.end();
      else peer.reset();
    })),
  },
  {
    id: "R-24",
    rule: "A thousand connections that break a rule and stay leave nothing once their time is up",
    source: "RFC 6455, 7.1.1; CVE-2024-23672",
    async run(ground) {
      const before = ground.process.files ?? 0;
      const peers: Peer[] = [];
      await many(1_000, 50, async () => {
        const peer = await Peer.open(ground);
        peers.push(peer);
        peer.send(text("x", { rsv: 4 }));
      });
      const all = await eventually(() => peers.every(({ ended }) => ended), LONG_PATIENCE);
      const back = await eventually(() => (ground.process.files ?? 0) <= before + SPARE, LONG_PATIENCE);
      for (const peer of peers) peer.destroy(); // till now their side of TCP was open
      return worst([expect(all, "some were not closed"), expect(back, `of ${before} descriptors there are ${ground.process.files}`)]);
    },
  },
  {
    id: "X-NOLISTEN",
    rule: "A server whose application registers nothing lives through all frames and requests above",
    source: "CVE-2022-39386",
    skip: ({ other }) => other === undefined ? "it needs a server without handlers" : undefined,
    async run(ground) {
      const bare = await (ground.other as NonNullable<typeof ground.other>)("--bare");
      return givesBack(bare, async () => {
        await many(STORIES.length * 2, 20, async (at) => {
          const peer = await Peer.open(bare);
          for (const step of STORIES[at >> 1].send) peer.write(step instanceof Uint8Array ? step : peer.encode(...step));
          await leave(peer, at % 2 === 0);
        });
        const pleas = PLEAS.flatMap((plea) => plea.ask);
        await many(pleas.length * 2, 20, async (at) => {
          const peer = new Peer(bare);
          peer.write(toRequest(bare, pleas[at >> 1]));
          await leave(peer, at % 2 === 0);
        });
      }, opensBare);
    },
  },
];

/** Waits a moment for the end; then, or before, it is reset. */
async function leave(peer: Peer, reset: boolean): Promise<void> {
  await (reset ? sleep(2) : peer.until(() => peer.ended, 200));
  peer.reset();
}

/** A server without handlers accepts, answers pings, and closes. */
async function opensBare(bare: ServerGround): Promise<Finding> {
  const peer = await Peer.open(bare);
  peer.send(text("nobody hears"), ping("p"), close(1000));
  await peer.until(() => peer.ended);
  peer.destroy();
  return expect(peer.closeCode === 1000, `it closed with ${peer.closeCode}`);
}

async function refusals(ground: ServerGround, count: number, request: (at: number) => string): Promise<Finding> {
  const refuse = (times: number): Promise<void> => many(times, 50, async (at) => {
    const { peer, answer } = await ask(ground, request(at));
    if (answer === undefined || answer.status < 400) throw new Error(`it answered ${answer?.status}`);
    await peer.until(() => peer.ended);
    peer.destroy();
  });
  await refuse(count / 2); // what it keeps once, and what its collector puts off
  const before = ground.process.rss ?? 0;
  return givesBack(ground, async () => {
    await refuse(count / 2);
    const growth = ((ground.process.rss ?? 0) - before) / MIB;
    return expect(growth <= 48, `${count / 2} more refusals took ${growth.toFixed(1)} MiB`);
  });
}

async function endless(ground: ServerGround, start: string, piece: string): Promise<Finding> {
  const peer = new Peer(ground);
  peer.write(start);
  const before = peer.socket.bytesWritten;
  const block = repeat(piece, 16);
  const taken = await peer.flood(block, 2_048, PATIENCE);
  await peer.until(() => peer.ended);
  const written = peer.socket.bytesWritten - before;
  const answer = await peer.answer(1);
  peer.destroy();
  if (!peer.ended) return fail("it did not end TCP");
  if (taken === 2_048) return fail(`it took all ${written} bytes`);
  if (answer === undefined && ground.runtime === "attach") return pass(); // node:http drops its own answer when it resets
  if (answer === undefined || !(answer.status >= 400)) return fail(`it answered ${answer?.status}`);
  return pass();
}

async function crowd(ground: ServerGround, count: number, body: (peer: Peer) => Promise<void> | void): Promise<Finding> {
  return givesBack(ground, async () => {
    const peers = await gather(ground, count, body);
    await sleep(500);
    for (const peer of peers) peer.reset();
  });
}

/** Connections that have each done something, and are open. */
async function gather(ground: ServerGround, count: number, body: (peer: Peer) => Promise<void> | void): Promise<Peer[]> {
  const peers: Peer[] = [];
  await many(count, 50, async () => {
    const peer = await Peer.open(ground);
    peers.push(peer);
    await body(peer);
  });
  return peers;
}

/** Counts what idle connections hold: the difference between as many that said nothing and that said much, so that only what was read counts. */
async function idle(ground: ServerGround): Promise<Finding> {
  const count = ground.long ? 3_000 : 500;
  const measure = async (body: (peer: Peer) => Promise<void>): Promise<number> => {
    const before = ground.process.rss ?? 0;
    const peers = await gather(ground, count, body);
    await sleep(1_000);
    const held = (ground.process.rss ?? 0) - before;
    for (const peer of peers) peer.reset();
    await sleep(500);
    return held / count / 1024;
  };
  const talk = async (peer: Peer): Promise<void> => {
    peer.keep = false;
    peer.send(binary(new Uint8Array(57_344)), ping("p"));
    await peer.until(() => peer.count === 2);
  };
  await measure(talk); // a host's memory grows with its first such crowd, and serves the next
  const quiet = await measure(async () => {});
  const busy = await measure(talk);
  const note = `${quiet.toFixed(1)} KiB for one that said nothing, ${busy.toFixed(1)} KiB for one that said 56 KiB`;
  return busy <= 40 ? pass(note) : fail(note);
}
