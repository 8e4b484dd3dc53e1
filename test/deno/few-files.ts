/**
 * A server, for a process that may open few files. It prints its port.
 * @module
 */
import { serve } from "../../index.deno.ts";

declare const Deno: { addSignalListener(name: string, heard: () => void): void };

Deno.addSignalListener("SIGUSR2", () => {}); // Deno opens files for its first, and panics when there are none
console.log((await serve({ port: 0, hostname: "127.0.0.1" })).port);
