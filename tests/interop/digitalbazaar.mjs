// Verify and issue with @digitalbazaar/vc and its eddsa-rdfc-2022 suite, in JSON-LD safe mode (their default).
//   node digitalbazaar.mjs verify BADGE.json DOCUMENTS.json CONTEXTS.json [STATUS_LIST.json]
//   node digitalbazaar.mjs issue UNSIGNED.json CONTEXTS.json
// Prints one JSON object.
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {didWebURL, notFound, readDocuments, readJSON} from './documents.mjs';

const [command, file, ...rest] = process.argv.slice(2);

function loader(documents, contexts) {
  return async url => {
    const [did, fragment] = url.split('#');
    let document;
    if(contexts.has(url)) {
      document = readJSON(contexts.get(url));
    } else if(did.startsWith('did:key:')) {
      document = await didKey(did, fragment);
    } else if(did.startsWith('did:web:') && documents.has(didWebURL(did))) {
      document = readJSON(documents.get(didWebURL(did)));
      if(fragment) {
        document = {'@context': 'https://w3id.org/security/multikey/v1',
          ...document.verificationMethod.find(method => method.id === url)};
      }
    } else if(documents.has(url)) {
      document = readJSON(documents.get(url));
    } else {
      throw notFound(url);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

async function didKey(did, fragment) {
  const key = await Ed25519Multikey.from({type: 'Multikey', id: `${did}#${did.slice('did:key:'.length)}`,
    controller: did, publicKeyMultibase: did.slice('did:key:'.length)});
  const method = await key.export({publicKey: true, includeContext: true});
  return fragment ? method : {'@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did, verificationMethod: [method], assertionMethod: [method.id], authentication: [method.id]};
}

async function verify() {
  const [documentsFile, contextsFile] = rest;
  const documentLoader = loader(readDocuments(documentsFile), readDocuments(contextsFile));
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({credential: readJSON(file), suite, documentLoader,
    checkStatus: async () => ({verified: true})});
  return {verified: result.verified, errors: (result.error?.errors ?? [result.error]).filter(Boolean).map(String)};
}

async function issue() {
  const [contextsFile] = rest;
  // Names the key by its did:key, as a wallet or another issuer would.
  const key = await Ed25519Multikey.generate();
  const {publicKeyMultibase} = await key.export({publicKey: true});
  key.controller = `did:key:${publicKeyMultibase}`;
  key.id = `${key.controller}#${publicKeyMultibase}`;
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite});
  const credential = readJSON(file);
  if(typeof credential.issuer === 'object') {
    credential.issuer.id = key.controller;
  } else {
    credential.issuer = key.controller;
  }
  return vc.issue({credential, suite, documentLoader: loader(new Map(), readDocuments(contextsFile))});
}

console.log(JSON.stringify(await {verify, issue}[command]()));
