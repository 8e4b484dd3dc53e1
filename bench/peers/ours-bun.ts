import { zlibCodec } from "../../adapters/node-deflate.ts";
import { serve } from "../../adapters/bun.ts";
import { run } from "./ours.ts";

await run(serve, zlibCodec);
