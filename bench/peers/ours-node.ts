import { connect, serve } from "../../adapters/node.ts";
import { run } from "./ours.ts";

await run({ connect, serve });
