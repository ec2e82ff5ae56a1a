// One key for each decision, made in this browser and kept in it (TRANSPARENCY.md, section 2).
// The private half is not extractable: no script can read it, only sign with it, and only on this site.

import { join, multibaseZ } from "./base.js";

const DATABASE = "academy-statements";
const STORE = "keys";
const ED25519 = [0xed, 0x01]; // the multicodec prefix of an Ed25519 public key
const PATIENCE_MS = 8000; // some browsers leave a request to their storage without any answer

export const didKey = (publicRaw) => `did:key:${multibaseZ(join(Uint8Array.from(ED25519), publicRaw))}`;

// Why no key can be kept here: "insecure" (http on a network address), "crypto", "storage", or "" when one can.
export async function whyNoKeys() {
  if (!globalThis.isSecureContext) return "insecure";
  try {
    await generate();
  } catch {
    return "crypto";
  }
  try {
    (await open()).close();
  } catch {
    return "storage";
  }
  return "";
}

// `who` keeps people apart who share a browser: an opaque text for the member, or nothing.
export async function keyFor(decision, who = "") {
  return opened("readonly", (store) => store.get(place(decision, who)));
}

// Returns the key that is kept: where two tabs make one at the same time, both get the one that was first.
export async function makeKey(decision, who = "") {
  const pair = await generate();
  const publicRaw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const made = { place: place(decision, who), did: didKey(publicRaw), publicRaw, privateKey: pair.privateKey };
  try {
    await opened("readwrite", (store) => store.add(made));
  } catch (error) {
    const kept = await keyFor(decision, who);
    if (!kept) throw error;
    return kept;
  }
  return made;
}

export async function forget(decision, who = "") {
  return opened("readwrite", (store) => store.delete(place(decision, who)));
}

const place = (decision, who) => (who ? `${decision} ${who}` : decision);

const generate = () => crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);

function open() {
  return patiently((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "place" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function opened(mode, ask) {
  const database = await open();
  try {
    return await patiently((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      // Kept only when the whole transaction is done, not when the request is.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}

function patiently(work) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the browser's storage does not answer")), PATIENCE_MS);
    new Promise(work).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
