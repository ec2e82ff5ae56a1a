// Calls the functions that a test names. Bytes come and go as hex.

import * as base from "./base.js";
import { check } from "./check.js";
import * as canonical from "./canonical.js";
import * as jcs from "./jcs.js";
import * as keys from "./keys.js";
import * as reading from "./reading.js";
import * as sign from "./sign.js";
import * as words from "./words.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const own = {
  // A key whose seed the test knows, so that signatures can be compared. In a browser no key is ever imported.
  async key(seed) {
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "hex")]);
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", privateKey);
    return { privateKey, did: keys.didKey(base.fromBase64url(x)) };
  },
  async did(seed) {
    return (await own.key(seed)).did;
  },
  async signAnswer(seed, said) {
    return sign.signAnswer(await own.key(seed), said);
  },
  async signStatement(seed, type, said) {
    return sign.signStatement(await own.key(seed), type, said);
  },
  async signSaid(seed, fields, signing, drawn, at) {
    const data = new Map(Object.entries(fields));
    return reading.signSaid(await own.key(seed), reading.readAnswer(data, signing), signing, drawn, at);
  },
  exactText(fields, signing, drawn, at) {
    return reading.exactText("did:key:z6Mk", reading.readAnswer(new Map(Object.entries(fields)), signing), signing, drawn, at);
  },
  hashData: async (answer, proof) => hex(await canonical.hashData(answer, proof)),
  canonicalJson: (value) => jcs.canonicalJson(value),
  jcsOfText: (text) => jcs.canonicalJson(JSON.parse(text)),
  toBase58: (text) => base.toBase58(Buffer.from(text, "hex")),
  toBase64url: (text) => base.toBase64url(Buffer.from(text, "hex")),
  fromBase64url: (text) => hex(base.fromBase64url(text)),
  toBase32: (text) => base.toBase32(Buffer.from(text, "hex")),
  multihash: (text) => base.multihash(Buffer.from(text, "hex")),
  // `files` by address; one that is not there is null, one that is "down" throws as a broken network does.
  check(page, files) {
    const get = async (address) => {
      const found = files[address];
      if (found === "down") throw new TypeError("Failed to fetch");
      return found === undefined ? null : Buffer.from(found, "hex");
    };
    return check(page, get);
  },
  commit: (value, salt) => sign.commit(value, Buffer.from(salt, "hex")),
};
const functions = { ...canonical, ...sign, ...reading, ...words, ...own };

let input = "";
for await (const part of process.stdin) input += part;
const results = [];
for (const [name, values] of JSON.parse(input)) {
  try {
    results.push((await functions[name](...values)) ?? null);
  } catch (error) {
    results.push({ error: String(error) });
  }
}
process.stdout.write(JSON.stringify(results));
