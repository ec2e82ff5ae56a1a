// From what stands in a form to what is signed: which kind of thing is said, and its parts.

import { fromBase64url, multihash, sha256, utf8 } from "./base.js";
import { canonicalJson } from "./jcs.js";
import {
  cleanText, commit, newAnswerId, newSalt, signAnswer, signStatement, statementBytes, unsignedAnswer,
  unsignedStatement,
} from "./sign.js";

// Consents to these are endorsements, which go into the badge; all the rest are statements.
const INTO_THE_BADGE = ["award", "renew"];

// `data` is the form's FormData, `signing` what the server wrote into data-signing. Returns null while nothing is
// chosen. Words stay in `text` and `concern`; the name and the comment go into the badge.
export function readAnswer(data, signing) {
  const typed = (name) => cleanText(String(data.get(name) ?? ""));
  const response = data.get("response");
  if (response === "objection") return { type: "objection", text: typed("reason") };
  if (response !== "consent") return null;
  const concern = typed("concern");
  if (!signing.badge || !INTO_THE_BADGE.includes(signing.outcome)) {
    return { type: signing.outcome === "not_yet" ? "not-yet" : "consent", concern };
  }
  const name = data.get("show_name") === "yes" ? cleanText(signing.name ?? "") : "";
  return { type: "consent", inBadge: true, concern, comment: typed("comment"), name };
}

export function readStatement(data, type, textField) {
  return { type, text: textField ? cleanText(String(data.get(textField) ?? "")) : "" };
}

// The applicant's own check: the address is the one whose salted hash stands in the draft (schemas/identity.py),
// and the digest that is signed is the digest of exactly that part of the draft.
export async function isMine({ email, ...identity }, digest) {
  const hash = await sha256(utf8(email + identity.salt));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return identity.identityHash === `sha256$${hex}` && (await multihash(utf8(canonicalJson(identity)))) === digest;
}

// What is random in a signed thing; drawn anew for each one, as no salt is used twice.
export const draw = () => ({ id: newAnswerId(), salt: newSalt(), memberSalt: newSalt() });

async function parts(said, signing, drawn, at) {
  const { decision, version, round, digest, badge } = signing;
  const words = said.concern || said.text;
  const ofWords = words ? await commit(words, fromBase64url(drawn.salt)) : undefined;
  const about = { decision, version, round, digest, at };
  const { comment, name } = said;
  return {
    words,
    answer: { ...about, badge, id: drawn.id, concern: Boolean(said.concern), comment, name, salt: drawn.memberSalt },
    statement: { ...about, textDigest: said.text ? ofWords : undefined },
    concern: { ...about, textDigest: ofWords },
  };
}

// Returns what the field "signed" of the form holds.
export async function signSaid(key, said, signing, drawn, at) {
  const { words, answer, statement, concern } = await parts(said, signing, drawn, at);
  const signed = said.inBadge
    ? { answer: await signAnswer(key, answer) }
    : { statement: await signStatement(key, said.type, statement) };
  if (said.concern) signed.concern = await signStatement(key, "concern", concern);
  if (words) Object.assign(signed, { text: words, salt: drawn.salt });
  if (said.name) signed.memberSalt = drawn.memberSalt;
  return signed;
}

// The same before it is signed, as text to read.
export async function exactText(did, said, signing, drawn, at) {
  const { answer, statement, concern } = await parts(said, signing, drawn, at);
  const text = (type, about) => new TextDecoder().decode(statementBytes(unsignedStatement(type, about)));
  const first = said.inBadge
    ? JSON.stringify(unsignedAnswer({ ...answer, did }), null, 1)
    : text(said.type, statement);
  return said.concern ? `${first}\n\n${text("concern", concern)}` : first;
}
