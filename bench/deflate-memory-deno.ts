import { zlibCodec } from "../adapters/node-deflate.ts";
import { serve } from "../adapters/deno.ts";
import { run } from "./deflate-memory-server.ts";

await run(serve, zlibCodec);
