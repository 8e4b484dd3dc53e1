/**
 * The published advisories and notable fixes of this field, one row each: what was attacked, in our own words and as published.
 * Each is a test in this folder whose name holds the id, or says which later layer it waits for; `rows.test.ts` checks that.
 * @module
 */

/** One advisory. */
export interface Row {
  /** As it was published; a release or a pull request has the name of its project before it. */
  readonly id: string;
  /** Where it was found. */
  readonly project: string;
  /** What was attacked. */
  readonly attack: string;
  /** Why there is no test yet; absent where there is one. */
  readonly later?: string;
}

function row(id: string, project: string, attack: string, later?: string): Row {
  return later === undefined ? { id, project, attack } : { id, project, attack, later };
}

const SOCKET_IO = "Socket.IO and Engine.IO are a later layer";
const SOCKJS = "SockJS is a later layer";
const STOMP = "STOMP is a later layer";
const HTTP2 = "HTTP/2 (RFC 8441) is a later layer";

/** Every row, by where it was found. */
export const ROWS: readonly Row[] = [
  row("CVE-2016-10518", "ws", "ping with a number as its data sent uninitialised memory"),
  row("CVE-2016-10542", "ws", "a message of any size was taken into memory"),
  row("WS-2017-0107", "ws", "masking keys came from a generator that can be predicted"),
  row("GHSA-5v72-xg48-5rpm", "ws", "an extension named like a property of every object ended the process"),
  row("CVE-2021-32640", "ws", "blanks in Sec-WebSocket-Protocol cost quadratic time"),
  row("CVE-2024-37890", "ws", "more headers than the host keeps left Upgrade undefined and ended the process"),
  row("CVE-2026-45736", "ws", "a typed array as the reason of close sent memory that was never written"),
  row("CVE-2026-48779", "ws", "fragments of a byte cost far more memory than their bytes"),
  row("CVE-2026-62389", "ws", "empty fragments were not counted"),
  row("ws-8.23.0", "ws", "pongs for a peer that reads nothing queued without bound"),
  row("ws-8.22.2", "ws", "an idle connection kept a whole read buffer alive"),
  row("ws-8.21.3", "ws", "a larger client_max_window_bits was negotiated than was offered"),
  row("CVE-2026-1526", "undici", "a small compressed message inflated without a limit"),
  row("CVE-2026-1528", "undici", "a 64-bit length ended the process of a client"),
  row("CVE-2026-2229", "undici", "window bits out of range in an answer ended the process of a client"),
  row("CVE-2026-1527", "undici", "a line end in the upgrade option forged headers"),
  row("CVE-2026-9675", "undici", "fragments, each within the limit, passed it together"),
  row("CVE-2026-12151", "undici", "empty continuation frames without end"),
  row("CVE-2026-85024", "undici", "an error behind the size limit had no listener and ended the process"),
  row("GHSA-9fm3-97px-rjf6", "undici", "pongs queued without bound while the server read nothing"),
  row("CVE-2026-1525", "undici", "Content-Length was sent twice when its case differed"),
  row("CVE-2020-7662", "websocket-extensions", "an unclosed quote in Sec-WebSocket-Extensions cost quadratic time, in JavaScript"),
  row("CVE-2020-7663", "websocket-extensions", "the same, in Ruby"),
  row("CVE-2026-54463", "websocket-driver", "the length of an old draft's frame grew without end"),
  row("CVE-2026-54464", "websocket-driver", "the size limit looked at bytes before they were inflated"),
  row("CVE-2026-54465", "websocket-driver", "a head without end was kept"),
  row("CVE-2026-54466", "websocket-driver", "the length of an old draft's frame grew without end, in Ruby"),
  row("CVE-2026-61666", "websocket-driver", "a Host that is no host ended the process"),
  row("CVE-2016-10544", "uws", "a large message passed a small limit by compression"),
  row("OSV-2020-2217", "uWebSockets", "bytes past a buffer's end were read"),
  row("OSV-2021-414", "uWebSockets", "memory was used after it was freed"),
  row("CVE-2026-126343", "hono/node-server", "a reset while an upgrade was decided about ended the process"),
  row("CVE-2026-73565", "hono/node-server", "a refused upgrade was never let go of"),
  row("Effect-PR-6927", "Effect", "a reset while an upgrade was decided about ended the process"),
  row("CVE-2022-39386", "fastify-websocket", "a malformed frame ended a process that had no error listener"),
  row("CVE-2026-130647", "fastify-http-proxy", "a second upgrade behind the first ended the process"),
  row("CVE-2026-129500", "fastify-http-proxy", "an error of the socket ended the process"),
  row("CVE-2026-129502", "fastify-http-proxy", "a fragment in the request target ended the process"),
  row("CVE-2026-15631", "fastify-http-proxy", "dot segments left the prefix that was checked"),
  row("CVE-2026-133111", "fastify-http-proxy", "Origin did not reach the check, and foreign pages connected"),
  row("CVE-2023-26103", "Deno", "blanks in Connection and Upgrade cost quadratic time"),
  row("CVE-2026-55517", "Deno", "bytes from 80 on in the fields of a 101 ended the client"),
  row("CVE-2025-24010", "Vite", "foreign pages connected to a developer's server"),
  row("CVE-2026-27148", "Storybook", "foreign pages connected to a developer's server"),
  row("CVE-2026-27977", "Next.js", "a page of origin null connected to a developer's server"),
  row("CVE-2026-112085", "webpack-dev-server", "foreign pages connected to a developer's server"),
  row("npm-725", "webpack-dev-server", "foreign pages read a developer's source over the WebSocket"),

  row("CVE-2017-16031", "socket.io", "session ids could be predicted", SOCKET_IO),
  row("CVE-2020-28481", "socket.io", "every origin was allowed to read unless configured"),
  row("CVE-2016-10536", "engine.io-client", "certificates were not verified unless asked for"),
  row("CVE-2020-36048", "engine.io", "the body of a polling request exhausted memory", SOCKET_IO),
  row("CVE-2020-36049", "socket.io-parser", "a large packet exhausted memory", SOCKET_IO),
  row("CVE-2022-21676", "engine.io", "a request without the revision of the protocol ended the process", SOCKET_IO),
  row("CVE-2022-41940", "engine.io", "a reset connection ended the process"),
  row("CVE-2023-31125", "engine.io", "a request for a transport that does not exist ended the process", SOCKET_IO),
  row("CVE-2022-2421", "socket.io-parser", "a placeholder that is no index yielded a function", SOCKET_IO),
  row("CVE-2023-32695", "socket.io-parser", "an event name that is no string ended the process", SOCKET_IO),
  row("CVE-2024-38355", "socket.io", "an event named error that nobody hears ended the process"),
  row("CVE-2026-33151", "socket.io-parser", "more attachments were announced than fit memory", SOCKET_IO),
  row("CVE-2026-69185", "socket.io-parser", "a packet waited for ever for no attachments", SOCKET_IO),
  row("CVE-2026-59724", "engine.io", "a session id named like a property of every object was found"),
  row("CVE-2026-102600", "engine.io", "a session id named like a property of every object was found, a second time"),
  row("CVE-2026-59725", "engine.io", "a binary polling request was never answered", SOCKET_IO),
  row("CVE-2026-102599", "engine.io", "a session was upgraded by a request of another revision", SOCKET_IO),
  row("CVE-2020-7693", "sockjs", "an Upgrade on a path without WebSocket ended the process"),
  row("CVE-2020-8823", "sockjs", "a callback's name was echoed into a page", SOCKJS),
  row("CVE-2018-1257", "Spring", "a pattern in a STOMP header cost exponential time", STOMP),
  row("CVE-2018-1270", "Spring", "a STOMP selector ran as code", STOMP),
  row("CVE-2018-1275", "Spring", "the same, after an incomplete fix", STOMP),
  row("CVE-2022-22971", "Spring", "STOMP over a WebSocket exhausted the server", STOMP),
  row("CVE-2026-71300", "Camel", "a header of the peer chose the receiver", STOMP),

  row("CVE-2023-43669", "tungstenite", "a head was parsed anew at each read"),
  row("CVE-2020-27813", "gorilla", "a length overflowed and the limit was passed"),
  row("GHSA-w67g-5rqw-f597", "gorilla", "masking keys came from a generator that can be predicted"),
  row("CVE-2025-10148", "curl", "one masking key served a whole connection"),
  row("CVE-2025-5399", "curl", "a crafted packet kept the client busy for ever"),
  row("CVE-2026-11586", "curl", "answers to pings filled memory"),
  row("CVE-2026-107928", "curl", "memory past a buffer was sent after a write that blocked"),
  row("CVE-2026-50161", "libre", "the check of a masked frame's length overflowed"),
  row("CVE-2025-32049", "libsoup", "a message of any size was taken into memory"),
  row("CVE-2026-0716", "libsoup", "a frame without a limit led to reads out of bounds"),
  row("CVE-2026-15709", "libsoup", "a small compressed message inflated without a limit"),
  row("CVE-2026-15711", "libsoup", "a control frame longer than allowed was taken"),
  row("CVE-2026-102560", "libsoup", "the size of a huge outgoing message wrapped"),
  row("CVE-2018-1000518", "websockets (Python)", "a small compressed message inflated without a limit"),
  row("CVE-2021-33880", "websockets (Python)", "the time of a comparison told of a password", "credentials are the application's to check: nothing here compares a secret"),
  row("CVE-2020-35678", "autobahn", "a line end in a redirect forged headers"),
  row("CVE-2026-77528", "autobahn", "the size limit looked at bytes before they were inflated"),
  row("CVE-2026-116579", "autobahn", "the same, with brotli", "no extension with brotli is spoken here"),
  row("CVE-2026-44546", "daphne", "control characters and U+0085 passed for line ends"),
  row("GHSA-mq44-7p77-q5h7", "aiohttp", "a reserved bit was taken without negotiation"),
  row("CVE-2026-54274", "aiohttp", "incomplete frames escaped the size limit"),
  row("CVE-2026-123817", "aiohttp", "each read was kept as an object of its own"),
  row("CVE-2020-13935", "Tomcat", "a length with its top bit set was an endless loop"),
  row("CVE-2024-23672", "Tomcat", "a client kept connections that were closed"),
  row("CVE-2017-2670", "Undertow", "an unclean close left a loop that never ended"),
  row("CVE-2021-3690", "Undertow", "buffers of pongs were never let go of"),
  row("CVE-2024-1635", "Undertow", "connections leaked when they were upgraded"),
  row("CVE-2026-5680", "Undertow", "a small compressed message inflated without a limit"),
  row("CVE-2026-15565", "Undertow", "memory was exhausted before anybody was asked"),
  row("CVE-2026-59898", "Netty", "versions 7 and 8 were accepted without Connection: Upgrade"),
  row("CVE-2026-19204", "Jetty", "memory was reserved for a frame of unknown opcode"),
  row("GHSA-x8v2-478q-2hvg", "AsyncHttpClient", "a small compressed message inflated without a limit"),
  row("CVE-2026-83599", "Netdata", "a small compressed message inflated without a limit"),
  row("CVE-2020-11050", "Java-WebSocket", "the host name of a certificate was not checked"),
  row("GHSA-pf94-94m9-536p", "Bandit", "fragments were kept without a limit"),
  row("CVE-2026-39804", "Bandit", "a small compressed message inflated without a limit"),
  row("CVE-2026-47072", "hackney", "line ends in host, path, header and subprotocol forged requests"),
  row("CVE-2023-44487", "HTTP/2", "streams were opened and reset faster than they were let go of", HTTP2),
  row("CVE-2025-55163", "HTTP/2", "a server was made to reset streams itself, without end", HTTP2),
];
