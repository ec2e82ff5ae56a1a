// What a person signs in a decision: an answer (an endorsement, consent to a badge), or a statement (all the rest).
// The shapes are those of schemas/decision/; the server takes no others.

import { multibaseU, multibaseZ, random, toBase32, toBase64url, utf8 } from "./base.js";
import { hashData } from "./canonical.js";
import { canonicalJson } from "./jcs.js";

const CONTEXTS = [
  "https://www.w3.org/ns/credentials/v2",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
];
const SALT_BYTES = 32;

export const newSalt = () => toBase64url(random(SALT_BYTES));
export const newAnswerId = () => toBase32(random(16));

// The time of signing by the server's clock: what it was when the page was written, and the time since the page
// came. That is never later than the server's clock when the answer arrives, however wrong this machine's is.
export function signingTime(now, elapsedMs) {
  const moment = Math.floor((Date.parse(now) + Math.max(elapsedMs, 0)) / 1000) * 1000;
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

// A text as the server reads it from a form: its line ends, nothing around it, no zero bytes, whole letters.
// What is around it is what Python strips: a little more than trim() here, and a mark of byte order less.
export function cleanText(text) {
  const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8(text));
  const space = "(?:[^\\S\\ufeff]|[\\x1c-\\x1f\\x85])+";
  const bare = whole.replaceAll("\r\n", "\n").replace(new RegExp(`^${space}|${space}$`, "g"), "");
  return bare.replaceAll("\0", "");
}

// A commitment that only its salt (32 bytes, base64url) opens: HMAC-SHA-256 over the canonical JSON.
export async function commit(value, saltBytes) {
  const key = await crypto.subtle.importKey("raw", saltBytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return multibaseU(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(canonicalJson(value)))));
}

// The endorsement before it is signed. `name` is empty for a peer who is not named; `salt` opens the name then.
export function unsignedAnswer({ did, decision, version, round, badge, digest, at, id, concern, comment, name, salt }) {
  const entry = { type: "IdentifierEntry", identifier: salt, identifierType: "ext:memberSalt" };
  const named = { id: did, type: ["Profile"], name, otherIdentifier: [entry] };
  const subject = { id: badge, type: ["EndorsementSubject"] };
  if (comment) subject.endorsementComment = comment;
  return {
    "@context": CONTEXTS,
    id: `${decision}/answers/${id}`,
    type: ["VerifiableCredential", "EndorsementCredential"],
    name: `${concern ? "Consent with a concern" : "Consent"}, version ${version}, round ${round}`,
    issuer: name ? named : did,
    validFrom: at,
    credentialSubject: subject,
    relatedResource: { id: `${decision}/proposals/${version}`, digestMultibase: digest },
  };
}

// `key` is a record of keys.js: {did, privateKey}.
export async function signAnswer(key, said) {
  const answer = unsignedAnswer({ ...said, did: key.did });
  const proof = {
    type: "DataIntegrityProof",
    cryptosuite: "eddsa-rdfc-2022",
    created: answer.validFrom,
    verificationMethod: `${key.did}#${key.did.slice("did:key:".length)}`,
    proofPurpose: "assertionMethod",
  };
  return { ...answer, proof: { ...proof, proofValue: await signature(key, await hashData(answer, proof)) } };
}

// `textDigest` is the commitment to the words that belong to it, where there are words.
export function unsignedStatement(type, { decision, version, round, digest, at, textDigest }) {
  const statement = { type, decision, version, round, digest, at };
  return textDigest ? { ...statement, text: textDigest } : statement;
}

// The type stands before the bytes, so that no statement can be passed off as one of another type.
export const statementBytes = (statement) =>
  utf8(`sociocracy-academy/${statement.type}/v1\n${canonicalJson(statement)}`);

export async function signStatement(key, type, said) {
  const statement = unsignedStatement(type, said);
  return { statement, key: key.did, signature: await signature(key, statementBytes(statement)) };
}

async function signature(key, bytes) {
  return multibaseZ(new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, bytes)));
}
