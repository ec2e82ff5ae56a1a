// The bytes that an answer's proof signs (eddsa-rdfc-2022), without a JSON-LD library.
// An answer has one fixed shape, so its RDF is a fixed list of statements with gaps: this file fills the gaps.
// The server takes nothing that its own full algorithm (JSON-LD, RDFC-1.0) reads otherwise; a test compares both
// over thousands of answers. Statements are lines of canonical N-Quads, sorted (RDFC-1.0, section 5).

import { join, sha256, utf8 } from "./base.js";

const TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
const NAME = "<https://schema.org/name>";
const DATE_TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>";
const vc = (term) => `<https://www.w3.org/2018/credentials#${term}>`;
const ob = (term) => `<https://purl.imsglobal.org/spec/vc/ob/vocab.html#${term}>`;
const security = (term) => `<https://w3id.org/security#${term}>`;

const ESCAPES = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\" };
const TO_ESCAPE = /["\\\u0000-\u001f\u007f\ufffe\uffff]/g;
const code = (letter) => `\\u${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

function literal(text, type = "") {
  const quoted = `"${text.replace(TO_ESCAPE, (letter) => ESCAPES[letter] ?? code(letter))}"`;
  return type ? `${quoted}^^${type}` : quoted;
}

// Addresses are printable ASCII without what N-Quads cannot hold; so the order of UTF-16 units that sort() uses
// is the order of code points that RDFC-1.0 wants: only the ends of lines hold other letters.
function iri(text) {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]*$/.test(text) || /[<>"{}|^`\\]/.test(text)) {
    throw new Error(`this is not an absolute address: ${text}`);
  }
  return `<${text}>`;
}

const lines = (statements) => statements.map((terms) => `${terms.join(" ")} .\n`).sort().join("");

export function answerQuads(answer) {
  const { issuer, credentialSubject: subject, relatedResource: resource } = answer;
  const [id, badge, proposal, peer] = [answer.id, subject.id, resource.id, issuer.id ?? issuer].map(iri);
  const statements = [
    [id, TYPE, vc("VerifiableCredential")],
    [id, TYPE, ob("EndorsementCredential")],
    [id, NAME, literal(answer.name)],
    [id, vc("issuer"), peer],
    [id, vc("validFrom"), literal(answer.validFrom, DATE_TIME)],
    [id, vc("credentialSubject"), badge],
    [id, vc("relatedResource"), proposal],
    [badge, TYPE, ob("EndorsementSubject")],
    [proposal, security("digestMultibase"), literal(resource.digestMultibase, security("multibase"))],
  ];
  if (subject.endorsementComment !== undefined) {
    statements.push([badge, ob("endorsementComment"), literal(subject.endorsementComment)]);
  }
  if (issuer.id !== undefined) {
    const [salt] = issuer.otherIdentifier;
    statements.push(
      [peer, TYPE, ob("Profile")],
      [peer, NAME, literal(issuer.name)],
      [peer, ob("otherIdentifier"), "_:c14n0"],
      ["_:c14n0", TYPE, ob("IdentifierEntry")],
      ["_:c14n0", ob("identifier"), literal(salt.identifier)],
      ["_:c14n0", ob("identifierType"), literal(salt.identifierType)],
    );
  }
  return lines(statements);
}

export function proofQuads(proof) {
  const node = "_:c14n0";
  return lines([
    [node, TYPE, security("DataIntegrityProof")],
    [node, "<http://purl.org/dc/terms/created>", literal(proof.created, DATE_TIME)],
    [node, security("cryptosuite"), literal(proof.cryptosuite, security("cryptosuiteString"))],
    [node, security("proofPurpose"), security(proof.proofPurpose)],
    [node, security("verificationMethod"), iri(proof.verificationMethod)],
  ]);
}

// VC-DI EdDSA 1.0, sections 3.2.3 to 3.2.5: the hash of the proof's options, then that of the document.
export async function hashData(answer, proof) {
  return join(await sha256(utf8(proofQuads(proof))), await sha256(utf8(answerQuads(answer))));
}
