/**
 * `npm run attack -- server|client [words] [--on node,deno,bun,workerd] [--long]`: ends with 0 when nothing is to be complained of, with 2 when it
 * cannot run.
 * @module
 */
import { main as attackClients } from "./client-main.ts";
import { main as attackServers } from "./server-main.ts";

const [side, ...rest] = process.argv.slice(2);
if (side !== "server" && side !== "client") {
  console.error("usage: npm run attack -- server|client [words] [--on RUNTIMES] [--long]");
  process.exitCode = 2;
} else {
  const attack = side === "server" ? attackServers : attackClients;
  const code = await attack(rest).then((isGood) => isGood ? 0 : 1, (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  });
  process.exit(code); // whatever of a victim still holds on
}
