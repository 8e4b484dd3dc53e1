import { expect, test } from "vitest";
import { explain } from "./error.ts";

const failed = (message: string, code?: string): Error => Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  ["Deno", failed("Connection refused (os error 111)", "ECONNREFUSED"), "nothing listens there (ECONNREFUSED)"],
  ["Bun", failed("Failed to connect", "ECONNREFUSED"), "nothing listens there (ECONNREFUSED)"],
  ["Deno", failed("failed to lookup address information: Name or service not known"), "no such host name (ENOTFOUND)"],
  ["Deno", failed("failed to lookup address information: Temporary failure in name resolution"), "the host name cannot be looked up now (EAI_AGAIN)"],
  ["Deno", failed("invalid peer certificate: UnknownIssuer"), "the certificate's authority is not trusted; pass it as tls.ca (UNABLE_TO_VERIFY_LEAF_SIGNATURE)"],
  ["Deno", failed(`invalid peer certificate: certificate not valid for name "other.example"; certificate is only valid for DnsName("localhost")`), "the certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)"],
  ["Deno", failed("invalid peer certificate: certificate expired: verification time 1 (UNIX)"), "the certificate has expired (CERT_HAS_EXPIRED)"],
  ["Deno", failed("received corrupt message of type InvalidContentType"), "the other side does not speak TLS there (ERR_SSL_WRONG_VERSION_NUMBER)"],
  ["Bun", failed("error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "EPROTO"), "the other side does not speak TLS there (ERR_SSL_WRONG_VERSION_NUMBER)"],
  ["Deno", failed("unexpected end of file"), "the other side reset the connection (ECONNRESET)"],
  ["Node", new AggregateError([failed("connect ECONNREFUSED ::1:1", "ECONNREFUSED")]), "nothing listens there (ECONNREFUSED)"],
  ["anything", failed("something new"), "something new"],
  ["anything", failed("", "EODD"), "Error"],
  ["anything", "thrown text", "thrown text"],
])("what %s says has the same words everywhere: %s", (_, error, message) => {
  expect(explain(error).message).toBe(message);
});
