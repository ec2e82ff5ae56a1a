// Every URL that a badge needs, answered from files: {"https://…": "relative/path"}; the network is never asked.
import {readFileSync} from 'node:fs';
import {dirname, resolve} from 'node:path';

export function readDocuments(mapFile) {
  const folder = dirname(resolve(mapFile));
  const map = JSON.parse(readFileSync(mapFile, 'utf8'));
  return new Map(Object.entries(map).map(([url, path]) => [url, resolve(folder, path)]));
}

export function readJSON(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

// The DID document of a did:web identifier stands at this address (did:web specification, section 3.2).
export function didWebURL(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${host}/${path.length ? path.join('/') : '.well-known'}/did.json`;
}

export function notFound(url) {
  const error = new Error(`NotFoundError: no file stands for ${url}`);
  error.name = 'NotFoundError';
  return error;
}
