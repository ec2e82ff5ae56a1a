// Signs what members say in a decision, in their own browser. Without this script the forms work all the same,
// and what they send is not signed. Templates wire it with attributes only:
//
// form[data-statement-key="<decision URL>"]  the field "key" gets the did:key of this browser's key
// form[data-sign="answer|statement"]         the field "signed" gets the signed JSON
//   data-signing='{"decision", "proposal", "badge", "version", "round", "digest", "now", "name", "outcome",
//                  "deciders"}'              what the server knows; "now" is its clock when it wrote the page
//   data-key="did:key:.."                    the key that stands for this member; no other signs for them
//   data-type="about-me|accept|confirm|.."   with data-sign="statement": what kind
//   data-text="<field>"                      with data-sign="statement": the field with words that belong to it
//   data-identity='{"email", ..}'            with about-me: the address, and the draft's IdentityObject
//   data-unsigned="<sentence>"               what it means here when something is sent unsigned
//   data-passkey                             with data-statement-key: a passkey of theirs is asked to stand behind it
// data-who="<opaque id>"                     on either: whose key, where people share a browser
// [data-key-note], [data-sign-note], [data-signed-words], each inside the form: where it is told

import { multihash } from "./base.js";
import { keyFor, makeKey, whyNoKeys } from "./keys.js";
import { draw, exactText, isMine, readAnswer, readStatement, signSaid } from "./reading.js";
import { signingTime } from "./sign.js";
import * as words from "./words.js";

// Time since the page came, however this machine's clock is set.
const came = performance.now();

function wire(form) {
  const parsed = (text) => (text ? JSON.parse(text) : null);
  const state = { why: "", stop: false, failed: false, turn: 0 };
  try {
    state.signing = parsed(form.dataset.signing);
    state.identity = parsed(form.dataset.identity);
  } catch {
    return; // a slip of the page, and not of the person: the form is sent as it is
  }
  if (form.dataset.sign && !state.signing) return;
  state.decision = form.dataset.statementKey || state.signing.decision;
  const ready = look(form, state);
  beforeSending(form, async (submitter) => {
    await ready;
    return prepare(form, state, submitter);
  });
  for (const name of ["input", "change"]) form.addEventListener(name, () => show(form, state));
}

// Holds a form back until `work` is done, then sends it as the person did, with the same button. `work` says
// whether to send it. Whatever else listens for "submit" hears of it once, when it really goes.
function beforeSending(form, work) {
  let busy = false;
  let passes = false;
  const listener = async (event) => {
    if (passes) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return; // tapped twice
    busy = true;
    const { submitter } = event;
    try {
      passes = await work(submitter);
      await new Promise((resume) => setTimeout(resume)); // no form is sent while this event is still going round
      if (passes) form.requestSubmit(submitter);
    } finally {
      busy = false;
      passes = false;
    }
  };
  form.addEventListener("submit", listener, { capture: true });
}

// When the page is there: say whether this browser can sign, whose key it has, and what would be signed.
async function look(form, state) {
  try {
    const trouble = await whyNoKeys();
    if (trouble) state.why = words.TROUBLE[trouble]();
    else await lookAtKey(form, state);
  } catch {
    state.why = words.TROUBLE.storage();
  }
  if (state.why) tell(form, `${state.why} ${words.stillSent()} ${form.dataset.unsigned ?? words.unsigned()}`);
  await show(form, state);
}

async function lookAtKey(form, state) {
  const { statementKey, sign, key: standing, who } = form.dataset;
  const found = await keyFor(state.decision, who);
  state.did = found?.did ?? "";
  if (sign && standing && standing !== state.did) {
    state.why = words.otherDevice();
  } else if (sign && state.identity && !(await isMine(state.identity, state.signing.digest))) {
    state.stop = true;
    tell(form, words.notYou());
  }
  if (statementKey) field(form, "key").value = state.did;
  const note = form.querySelector("[data-key-note]");
  if (note) note.textContent = found ? words.keptHere() : words.willBeKept();
}

// Returns whether to send the form. What fails is told once; the next time the form goes without a signature.
async function prepare(form, state, submitter) {
  const { statementKey, sign, who } = form.dataset;
  if (state.stop) return false;
  if (statementKey) field(form, "key").value = "";
  if (sign && isPasted(form)) return true;
  if (sign) field(form, "signed").value = "";
  if (state.why || state.failed) return true;
  try {
    const key = (await keyFor(state.decision, who)) ?? (await makeKey(state.decision, who));
    if (statementKey) field(form, "key").value = key.did;
    if (statementKey && "passkey" in form.dataset) await (await import("../passkeys.js")).bind(statementKey, key.did);
    const said = sign && read(form, state, submitter);
    if (said) {
      const signed = await signSaid(key, said, state.signing, draw(), now(state));
      field(form, "signed").value = JSON.stringify(signed);
    }
    return true;
  } catch {
    state.failed = true;
    tell(form, `${words.notSigned()} ${form.dataset.unsigned ?? words.unsigned()}`);
    return false;
  }
}

function read(form, state, submitter) {
  const { sign, type, text } = form.dataset;
  const data = new FormData(form);
  if (submitter?.name) data.set(submitter.name, submitter.value);
  if (sign === "answer") return readAnswer(data, state.signing);
  return { ...readStatement(data, type, text), email: state.identity?.email };
}

const now = (state) => signingTime(state.signing.now, performance.now() - came);

// Somebody may have put in what the command line signed for them, in a field that they see.
function isPasted(form) {
  const { type, value } = field(form, "signed");
  return type !== "hidden" && value.trim() !== "";
}

function field(form, name) {
  const found = form.elements.namedItem(name);
  if (found) return found;
  const made = Object.assign(document.createElement("input"), { type: "hidden", name });
  return form.appendChild(made);
}

function tell(form, sentence) {
  let note = form.querySelector("[data-sign-note]");
  if (!note) {
    note = form.appendChild(document.createElement("p"));
    note.dataset.signNote = "";
  }
  note.setAttribute("role", "status");
  note.hidden = false;
  note.textContent = sentence;
}

// What will be signed, in words and exactly, while the person chooses.
async function show(form, state) {
  const place = form.querySelector("[data-signed-words]");
  if (!place || !state.signing) return;
  const turn = (state.turn += 1);
  place.hidden = Boolean(state.why) || state.stop;
  if (place.hidden) return;
  const said = read(form, state, null);
  const sentences = said ? words.signedWords(said, state.signing).join(" ") : words.choose();
  state.shown ??= draw(); // only to be looked at: what is signed draws its own
  const did = state.did || "did:key:";
  const exact = said ? await exactText(did, said, state.signing, state.shown, now(state)) : "";
  if (turn !== state.turn) return; // the person went on typing
  const { told, folded, pre } = (state.parts ??= makeParts(place, state.signing));
  told.textContent = sentences;
  folded.hidden = !said;
  pre.textContent = exact;
}

function makeParts(place, { proposal, digest }) {
  const make = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
  const [told, folded, pre, same] = [make("p"), make("details"), make("pre"), make("p")];
  pre.tabIndex = 0; // it can be wider than a phone; whoever uses a keyboard moves it, too
  pre.lang = "en";
  folded.append(make("summary", words.exactText()), make("p", words.filledIn()), pre);
  if (proposal) {
    const link = Object.assign(make("a", words.exactProposal()), { href: proposal });
    folded.append(link, same);
    folded.addEventListener("toggle", () => compare(same, proposal, digest), { once: true });
  }
  place.replaceChildren(told, folded);
  return { told, folded, pre };
}

// The digest that is signed is that of the bytes at the proposal's address, as this browser reckons it.
async function compare(place, proposal, digest) {
  try {
    const { pathname } = new URL(proposal); // from here, also where this page came over another name
    const response = await fetch(pathname, { cache: "no-cache" });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const found = await multihash(new Uint8Array(await response.arrayBuffer()));
    place.textContent = found === digest ? words.sameProposal() : words.otherProposal();
  } catch {
    place.textContent = words.noProposal();
  }
}

for (const form of document.querySelectorAll("form[data-statement-key], form[data-sign]")) wire(form);
