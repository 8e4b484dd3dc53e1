import { pakoCodec } from "../../adapters/deflate.ts";
import { serve } from "../../adapters/deno.ts";
import { run } from "./ours.ts";

await run(serve, pakoCodec);
