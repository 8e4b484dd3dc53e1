import { connect, serve } from "../../adapters/bun.ts";
import { run } from "./ours.ts";

await run({ connect, serve });
