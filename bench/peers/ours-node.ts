import { zlibCodec } from "../../adapters/node-deflate.ts";
import { serve } from "../../adapters/node.ts";
import { run } from "./ours.ts";

await run(serve, zlibCodec);
