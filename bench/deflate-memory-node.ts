import { serve } from "../adapters/node.ts";
import { run } from "./deflate-memory-server.ts";

await run(serve);
