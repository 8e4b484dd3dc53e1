import { serve } from "../adapters/bun.ts";
import { run } from "./deflate-memory-server.ts";

await run(serve);
