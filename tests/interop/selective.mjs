// Selective disclosure with @digitalbazaar/vc and its ecdsa-sd-2023 suite: issue, derive, verify.
//   node selective.mjs issue UNSIGNED.json CONTEXTS.json POINTER...      (mandatory pointers)
//   node selective.mjs derive BASE.json CONTEXTS.json POINTER...         (selective pointers)
//   node selective.mjs verify DERIVED.json CONTEXTS.json
// Prints one JSON object.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {notFound, readDocuments, readJSON} from './documents.mjs';

const [command, file, contextsFile, ...pointers] = process.argv.slice(2);
const contexts = readDocuments(contextsFile);

async function documentLoader(url) {
  const [did, fragment] = url.split('#');
  let document;
  if(contexts.has(url)) {
    document = readJSON(contexts.get(url));
  } else if(did.startsWith('did:key:')) {
    document = await didKey(did, fragment);
  } else {
    throw notFound(url);
  }
  return {contextUrl: null, documentUrl: url, document};
}

async function didKey(did, fragment) {
  const publicKeyMultibase = did.slice('did:key:'.length);
  const key = await EcdsaMultikey.from({type: 'Multikey', id: `${did}#${publicKeyMultibase}`,
    controller: did, publicKeyMultibase});
  const method = await key.export({publicKey: true, includeContext: true});
  return fragment ? method : {'@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did, verificationMethod: [method], assertionMethod: [method.id]};
}

async function issue() {
  const key = await EcdsaMultikey.generate({curve: 'P-256'});
  const {publicKeyMultibase} = await key.export({publicKey: true});
  key.controller = `did:key:${publicKeyMultibase}`;
  key.id = `${key.controller}#${publicKeyMultibase}`;
  const suite = new DataIntegrityProof({signer: key.signer(),
    cryptosuite: sd.createSignCryptosuite({mandatoryPointers: pointers})});
  const credential = readJSON(file);
  credential.issuer.id = key.controller;
  return vc.issue({credential, suite, documentLoader});
}

async function derive() {
  const suite = new DataIntegrityProof({cryptosuite: sd.createDiscloseCryptosuite({selectivePointers: pointers})});
  return vc.derive({verifiableCredential: readJSON(file), suite, documentLoader});
}

async function verify() {
  const suite = new DataIntegrityProof({cryptosuite: sd.createVerifyCryptosuite()});
  const result = await vc.verifyCredential({credential: readJSON(file), suite, documentLoader});
  return {verified: result.verified, errors: (result.error?.errors ?? [result.error]).filter(Boolean).map(String)};
}

console.log(JSON.stringify(await {issue, derive, verify}[command]()));
