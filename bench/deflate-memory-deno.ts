import { serve } from "../adapters/deno.ts";
import { run } from "./deflate-memory-server.ts";

await run(serve);
