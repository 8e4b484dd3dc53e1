/**
 * Base64 for keys and credentials (RFC 4648, section 4).
 * @module
 */

/** Encodes bytes, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
