import { expect, test } from "vitest";
import { draining } from "./draining.ts";

test("1000 servers are drained under load: what was processed was acknowledged, all of it", { timeout: 300_000 }, async () => {
  const total = { processed: 0, acknowledged: 0, clients: 0, refused: 0 };
  for (let seed = 1; seed <= 1000; seed++) {
    const summary = await draining(seed);
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += summary[name];
  }
  expect(total.processed - total.acknowledged).toBe(0);
  expect(total.processed).toBeGreaterThan(50_000);
  expect(total.clients).toBeGreaterThan(2_000);
  expect(total.refused).toBe(3_000);
});
