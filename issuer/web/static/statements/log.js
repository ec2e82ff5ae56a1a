// Reads the public log from its static files: signed checkpoint, tiles, entries (C2SP signed-note, tlog-checkpoint,
// tlog-tiles; RFC 6962, section 2.1). `read(path)` gives the bytes of a file below the log's address, or null.

import { equal, fromBase64, join, sha256, utf8 } from "./base.js";
import { _ } from "./words.js";

const WIDTH = 256;
const HEIGHT = 8;
const HASH = 32;
const ED25519 = 1;

// What is wrong with the log or the record, as against what merely could not be looked at.
export class WrongError extends Error {}

function need(holds, sentence) {
  if (!holds) throw new WrongError(sentence);
}

export async function parseVkey(text) {
  const [name, id, ...rest] = text.split("+");
  const key = fromBase64(rest.join("+"));
  need(key.length === HASH + 1 && key[0] === ED25519, _("the log's key is not an Ed25519 key"));
  const keyId = (await sha256(join(utf8(`${name}\n`), key))).slice(0, 4);
  const written = Array.from(keyId, (byte) => byte.toString(16).padStart(2, "0")).join("");
  need(written === id, _("the log's key does not have the key ID that stands beside it"));
  return { name, keyId, raw: key.slice(1) };
}

// Returns {origin, size, root} of a checkpoint that the log signed. Signatures of others are not looked at.
export async function openCheckpoint(bytes, vkey) {
  const note = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const end = note.lastIndexOf("\n\n");
  need(end > 0 && note.endsWith("\n"), _("the checkpoint is not a signed note"));
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split("\n");
  need(origin === vkey.name, _("the checkpoint is of another log"));
  need(/^(0|[1-9][0-9]{0,14})$/.test(size), _("the checkpoint's size is not a number"));
  const key = await crypto.subtle.importKey("raw", vkey.raw, "Ed25519", false, ["verify"]);
  const lines = note.slice(end + 2, -1).split("\n");
  const own = lines.filter((line) => line.startsWith(`\u2014 ${vkey.name} `)).map((line) => fromBase64(line.split(" ")[2]));
  const [signature, second] = own.filter((line) => equal(line.slice(0, 4), vkey.keyId));
  need(signature && !second, _("the log's signature is not under the checkpoint, or stands there twice"));
  const holds = await crypto.subtle.verify("Ed25519", key, signature.slice(4), utf8(text));
  need(holds, _("the signature under the checkpoint is not that of the log's key"));
  return { origin, size: Number(size), root: fromBase64(root) };
}

export function tilePath(level, index, width = WIDTH) {
  let groups = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups = `x${String(rest % 1000).padStart(3, "0")}/${groups}`;
  }
  return `tile/${level}/${groups}${width === WIDTH ? "" : `.p/${width}`}`;
}

export const leafHash = (bytes) => sha256(join([0], bytes));
const nodeHash = (left, right) => sha256(join([1], left, right));

// How many hashes (or entries) a tile of this level has in a tree of that size.
const widthIn = (size, level, index) => Math.min(Math.floor(size / WIDTH ** level) - index * WIDTH, WIDTH);

// A partial tile may be gone once the full one is there, which begins with the same bytes.
async function readTile(read, level, index, width) {
  const found = (await read(tilePath(level, index, width))) ?? (width < WIDTH ? await read(tilePath(level, index)) : null);
  if (found === null) throw new Error("a file of the log is not there");
  return found;
}

export async function readEntry(read, index, size) {
  need(index < size, _("the log has no entry %(index)s yet", { index }));
  const bundle = Math.floor(index / WIDTH);
  const bytes = await readTile(read, "entries", bundle, widthIn(size, 0, bundle));
  let place = 0;
  for (let number = index % WIDTH; ; number -= 1) {
    const start = place + 2;
    need(start <= bytes.length, _("a file with entries of the log ends too early"));
    place = start + bytes[start - 2] * 256 + bytes[start - 1];
    need(place <= bytes.length, _("a file with entries of the log ends too early"));
    if (number === 0) return bytes.slice(start, place);
  }
}

// The root that a leaf leads to, with the hashes of all its siblings taken from tiles. That it is the checkpoint's
// root proves that the leaf is in the log; tiles from strangers prove nothing else.
export async function rootFromTiles(read, leaf, index, size) {
  const tiles = new Map();

  async function hashes(level, tile) {
    const place = `${level}/${tile}`;
    if (!tiles.has(place)) tiles.set(place, await readTile(read, level, tile, widthIn(size, level, tile)));
    return tiles.get(place);
  }

  // MTH(D[begin:end]): a full subtree lies in one tile, others are split as RFC 6962 splits them.
  async function subtree(begin, end) {
    const { half, height } = halved(end - begin);
    if (half * 2 !== end - begin && end - begin > 1) {
      return nodeHash(await subtree(begin, begin + half), await subtree(begin + half, end));
    }
    const level = Math.floor(height / HEIGHT);
    const first = begin / WIDTH ** level;
    const bytes = await hashes(level, Math.floor(first / WIDTH));
    const row = [...Array(2 ** (height % HEIGHT)).keys()].map((number) => {
      const place = ((first % WIDTH) + number) * HASH;
      need(place + HASH <= bytes.length, _("a tile of the log ends too early"));
      return bytes.slice(place, place + HASH);
    });
    return merkleRoot(row);
  }

  async function withLeaf(begin, end) {
    if (end - begin === 1) return leaf;
    const middle = begin + halved(end - begin).half;
    return index < middle
      ? nodeHash(await withLeaf(begin, middle), await subtree(middle, end))
      : nodeHash(await subtree(begin, middle), await withLeaf(middle, end));
  }

  need(index < size, _("the log has no entry %(index)s yet", { index }));
  return withLeaf(0, size);
}

// The largest power of two below a length, and the height of a full tree over that length.
function halved(length) {
  let [half, height] = [1, length > 1 ? 1 : 0];
  for (; half * 2 < length; half *= 2) height += 1;
  return { half, height };
}

export async function merkleRoot(row) {
  need(row.length > 0, _("there is nothing in it"));
  if (row.length === 1) return row[0];
  const { half } = halved(row.length);
  return nodeHash(await merkleRoot(row.slice(0, half)), await merkleRoot(row.slice(half)));
}
