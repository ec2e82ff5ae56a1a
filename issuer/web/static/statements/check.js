// "Check it yourself": looks at the log and at a record with this browser's own arithmetic, from static files.
// It asks the server for no verdict. It is a convenience: whoever doubts the server doubts its scripts, too, and
// checks with the command line. Wired by attributes:
//
// button[data-check] aria-controls="<id of an empty list>"   hidden until this script runs
//   data-log="<address of the log, with a slash>"   data-vkey="<the log's key>"
//   data-index="<entry>"   data-leaf="<its text as the page shows it>"   data-record="<address of the record's JSON>"
// The last three may be missing; what is missing is not checked.

import { digestText, equal, fromBase64url, join, utf8 } from "./base.js";
import { canonicalJson } from "./jcs.js";
import { leafHash, merkleRoot, openCheckpoint, parseVkey, readEntry, rootFromTiles, WrongError } from "./log.js";
import { _ } from "./words.js";

const TAG = "academy-badges/record/v1";

// Returns [{what, result: "good" | "bad" | "unknown", sentence}]. A step that builds on one that did not hold is
// "unknown". `get(address)` gives the bytes of a file, or null where there is none.
export async function check({ log, vkey, index, leaf, record }, get) {
  const steps = [];
  const known = {};
  const read = (path) => get(log + path);

  async function step(what, needs, work) {
    if (!needs.every((name) => name in known)) {
      steps.push({ what, result: "unknown", sentence: SAYS.before() });
      return;
    }
    try {
      steps.push({ what, result: "good", sentence: await work() });
    } catch (error) {
      const wrong = error instanceof WrongError;
      steps.push({ what, result: wrong ? "bad" : "unknown", sentence: wrong ? error.message : SAYS.unread() });
    }
  }

  await step("signature", [], async () => {
    const bytes = await needed(get, `${log}checkpoint`);
    known.head = await openCheckpoint(bytes, await parseVkey(vkey));
    return SAYS.signature(known.head);
  });
  if (index !== undefined) {
    await step("inclusion", ["head"], async () => {
      const { size, root } = known.head;
      const entry = await readEntry(read, index, size);
      const reached = await rootFromTiles(read, await leafHash(entry), index, size);
      if (!equal(reached, root)) throw new WrongError(SAYS.notIncluded());
      known.entry = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(entry);
      return SAYS.inclusion({ index, size });
    });
  }
  if (leaf !== undefined) {
    await step("leaf", ["entry"], async () => {
      if (known.entry !== leaf) throw new WrongError(SAYS.otherLeaf());
      return SAYS.leaf();
    });
  }
  if (record !== undefined) {
    await step("record", [], async () => {
      const { leaves } = JSON.parse(new TextDecoder().decode(await needed(get, record, "same-origin")));
      known.root = digestText(await recordRoot(leaves));
      return SAYS.record({ n: leaves.filter((one) => one.salt).length, all: leaves.length });
    });
    await step("seal", ["entry", "root"], async () => {
      if (JSON.parse(known.entry).record !== known.root) throw new WrongError(SAYS.otherRoot());
      return SAYS.seal();
    });
  }
  return steps;
}

async function needed(get, address, credentials) {
  const bytes = await get(address, credentials);
  if (bytes === null) throw new Error("there is no such file");
  return bytes;
}

// The root of a sealed record (DOMAIN.md, section 11): open fields hashed anew, closed ones as they stand.
export async function recordRoot(leaves) {
  const salts = leaves.flatMap(({ salt }) => salt ?? []);
  if (leaves.length === 0) throw new WrongError(SAYS.empty());
  if (new Set(salts).size !== salts.length) throw new WrongError(SAYS.salts());
  const row = [];
  for (const { path, hash, salt, value } of leaves) {
    const stands = fromBase64url(hash);
    if (salt !== undefined) {
      const text = utf8(canonicalJson([path, value]));
      const made = await leafHash(join(utf8(TAG), fromBase64url(salt), text));
      if (!equal(made, stands)) throw new WrongError(SAYS.field({ field: path.join("/") }));
    }
    row.push(stands);
  }
  return merkleRoot(row);
}

const SAYS = {
  signature: (head) => _("The log %(origin)s signed that it has %(size)s entries.", head),
  inclusion: (where) => _("Entry %(index)s is one of the %(size)s that were signed: the tiles lead from it to the root.", where),
  leaf: () => _("The entry that this page shows is the one in the log."),
  record: (count) => _("All %(n)s open fields fit their hashes, and the %(all)s hashes have one root.", count),
  seal: () => _("That root stands in the entry of the log."),
  notIncluded: () => _("From this entry the tiles lead to another root than the signed one."),
  otherLeaf: () => _("The log has another entry in this place than this page shows."),
  otherRoot: () => _("The entry of the log seals another record than this one."),
  field: (which) => _("The field %(field)s does not fit its hash: it was changed.", which),
  salts: () => _("Two fields have one salt, so they do not keep what they hide."),
  empty: () => _("The record is empty."),
  before: () => _("A check before this one did not hold."),
  unread: () => _("A file could not be had or read, or this browser lacks something for it. This says nothing about the record."),
};
const TITLES = {
  signature: () => _("Signature of the log"),
  inclusion: () => _("The entry is in the log"),
  leaf: () => _("The entry is the one shown here"),
  record: () => _("The record is whole"),
  seal: () => _("The log seals this record"),
};
// A shape and a word for each result, so that nobody depends on colours.
const RESULTS = {
  good: ["\u2713", () => _("holds")],
  bad: ["\u2715", () => _("does not hold")],
  unknown: ["?", () => _("could not be checked")],
};

async function fetched(address, credentials = "omit") {
  const response = await fetch(address, { credentials, cache: "no-cache" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function run(button) {
  const list = document.getElementById(button.getAttribute("aria-controls"));
  const { log, vkey, index, leaf, record } = button.dataset;
  button.setAttribute("aria-busy", "true");
  try {
    const place = index === undefined ? undefined : Number(index);
    list.replaceChildren(...(await check({ log, vkey, index: place, leaf, record }, fetched)).map(row));
  } finally {
    button.removeAttribute("aria-busy");
  }
  list.tabIndex = -1;
  list.focus(); // read out from the first one
}

function row({ what, result, sentence }) {
  const make = (name, words, part = "") =>
    Object.assign(document.createElement(name), { textContent: words, className: part && `check-${part}` });
  const [shape, word] = RESULTS[result];
  const mark = make("span", shape, "mark");
  mark.setAttribute("aria-hidden", "true");
  const item = make("li", "", result);
  item.append(mark, make("strong", `${TITLES[what]()}: ${word()}.`), " ", make("span", sentence, "says"));
  return item;
}

for (const button of globalThis.document?.querySelectorAll("[data-check]") ?? []) {
  button.hidden = false;
  button.addEventListener("click", () => run(button));
}
