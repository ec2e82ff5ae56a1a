// Text for bytes and back: base58btc, base64url, base64, multibase, multihash.
// The same texts as keys/multibase.py and schemas/tlog/lines.py give; a test compares them.

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const SHA256 = [0x12, 0x20]; // multihash: which hash, and its length

export const utf8 = (text) => new TextEncoder().encode(text);

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

export function toBase58(bytes) {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  let zeros = 0;
  while (bytes[zeros] === 0) zeros += 1;
  return "1".repeat(zeros) + text;
}

export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  // One text for one value: atob would also take spaces and stray bits.
  if (toBase64(bytes) !== text) throw new Error("this is not base64 text in its one form");
  return bytes;
}

export const toBase64url = (bytes) =>
  toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("this is not base64url text");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

export function toBase32(bytes) {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return bits.match(/.{1,5}/g).map((five) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(five.padEnd(5, "0"), 2)]).join("");
}

export const multibaseZ = (bytes) => `z${toBase58(bytes)}`;
export const multibaseU = (bytes) => `u${toBase64url(bytes)}`;

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const digestText = (hash) => multibaseU(join(Uint8Array.from(SHA256), hash));
export const multihash = async (bytes) => digestText(await sha256(bytes));

export const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export const equal = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);
