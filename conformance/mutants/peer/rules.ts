/**
 * All the rules that a right echo peer follows. A mutant is a peer with one of them replaced.
 * @module
 */
import { CLIENT_RULES, type ClientRules } from "./client-rules.ts";
import { CLOSING_RULES, type ClosingRules } from "./closing-rules.ts";
import { COMMAND_RULES, type CommandRules } from "./command-rules.ts";
import { CONNECTION_RULES, type ConnectionRules } from "./connection-rules.ts";
import { DEFLATE_RULES, type DeflateRules } from "./deflate-rules.ts";
import { HEAD_RULES, type HeadRules } from "./head-rules.ts";
import { SERVER_RULES, type ServerRules } from "./server-rules.ts";

/** What a peer goes by. */
export interface Rules extends HeadRules, ServerRules, ClientRules, ConnectionRules, ClosingRules, DeflateRules, CommandRules {}

/** As they should be. */
export const RIGHT: Rules = { ...HEAD_RULES, ...SERVER_RULES, ...CLIENT_RULES, ...CONNECTION_RULES, ...CLOSING_RULES, ...DEFLATE_RULES, ...COMMAND_RULES };
