/**
 * The client of `faye-websocket`. Not as by default: messages may have 64 MiB (one byte less is its default). Its permessage-deflate is a package of its own
 * that it does not bring along.
 * @module
 */
import FayeWebSocket from "faye-websocket";
import { openWith, runCases } from "./client.ts";
import { fayeMeans, MAX_LENGTH } from "./faye.ts";
import { tester } from "./program.ts";

await runCases(...tester(), openWith((url) => new FayeWebSocket.Client(url, [], { maxLength: MAX_LENGTH }), fayeMeans));
