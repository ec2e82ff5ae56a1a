// Verify with @digitalcredentials/verifier-core, the checker behind the Learner Credential Wallet.
//   node digitalcredentials.mjs BADGE.json DOCUMENTS.json CONTEXTS.json
// Prints its log as one JSON object. Its network calls are answered from the files.
import {readFileSync} from 'node:fs';
import {readDocuments, readJSON} from './documents.mjs';

const [file, documentsFile, contextsFile] = process.argv.slice(2);
const documents = new Map([...readDocuments(contextsFile), ...readDocuments(documentsFile)]);

globalThis.fetch = async request => {
  const url = typeof request === 'string' ? request : request.url;
  return documents.has(url) ?
    new Response(readFileSync(documents.get(url)), {headers: {'content-type': 'application/json'}}) :
    new Response('not found', {status: 404});
};

const {verifyCredential} = await import('@digitalcredentials/verifier-core');
const {log, errors, additionalInformation} =
  await verifyCredential({credential: readJSON(file), knownDIDRegistries: []});
console.log(JSON.stringify({log, errors, additionalInformation}));
