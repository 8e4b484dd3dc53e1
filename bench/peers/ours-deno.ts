import { connect, serve } from "../../adapters/deno.ts";
import { run } from "./ours.ts";

await run({ connect, serve });
