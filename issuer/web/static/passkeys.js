// Passkeys: adding one, signing in with one, and standing behind a statement key with one. Without this script
// people sign in by a mailed link, and everything else works all the same.
//
// form[data-passkey-add]             the field "name" names the new passkey
// form[data-passkey-sign-in]         its field "next" says where to go on to
// [data-passkey-without]             what stands there for those without this script
//   [data-passkey-note]              inside the form: where it is told what went wrong, in the form's own words:
//   data-unable, data-stopped, data-broken
//
// bind(decision, did) is for forms that sign: see its own words.

import { fromBase64url, toBase64url } from "./statements/base.js";

// Asks for a passkey to stand behind a statement key, and returns what stands behind it now: "passkey" or "link".
// The person may decline, and a browser or an address may know no passkeys: then it is "link", and nothing is lost.
export async function bind(decision, did) {
  try {
    if (!canUse()) return "link";
    const asked = await send("bind/begin", { decision, key: did });
    if (asked.assurance) return asked.assurance;
    const credential = await use(asked.publicKey);
    const kept = await send("bind/finish", { decision, key: did, ticket: asked.ticket, credential });
    return kept.assurance;
  } catch {
    return "link";
  }
}

const canUse = () => Boolean(window.isSecureContext && window.PublicKeyCredential && navigator.credentials);

class Refused extends Error {}

async function send(path, body) {
  const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";
  const response = await fetch(`/passkeys/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (response.ok && !response.redirected) return answer;
  throw new Refused([answer.detail, answer.remedy].filter(Boolean).join(" "));
}

const withBytes = (descriptors) => descriptors.map((one) => ({ ...one, id: fromBase64url(one.id) }));
const text = (buffer) => toBase64url(new Uint8Array(buffer));
const outer = (made) => ({ id: made.id, rawId: text(made.rawId), type: made.type });

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: fromBase64url(options.challenge),
      user: { ...options.user, id: fromBase64url(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  const response = { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) };
  return { ...outer(made), response };
}

async function use(options) {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: fromBase64url(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  const response = {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  };
  return { ...outer(used), response };
}

const add = async (form) => {
  const { publicKey } = await send("add/begin", {});
  const credential = await make(publicKey);
  return send("add/finish", { name: form.elements.name.value, credential });
};

const signIn = async (form) => {
  const { publicKey } = await send("sign-in/begin", {});
  const credential = await use(publicKey);
  return send("sign-in/finish", { next: form.elements.next.value, credential });
};

function wire(form, act) {
  const note = form.querySelector("[data-passkey-note]");
  const tell = (sentence) => {
    note.textContent = sentence;
    note.hidden = !sentence;
  };
  form.hidden = false;
  for (const without of document.querySelectorAll("[data-passkey-without]")) without.hidden = true;
  if (!canUse()) {
    tell(form.dataset.unable);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    return;
  }
  let busy = false;
  const listener = async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    busy = true;
    tell("");
    try {
      const { next } = await act(form);
      window.location.assign(next);
    } catch (error) {
      // The person closed the device's window, or it already has this passkey; else what the server says.
      const stopped = ["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name);
      const said = error instanceof Refused ? error.message : "";
      tell(stopped ? form.dataset.stopped : said || form.dataset.broken);
    } finally {
      busy = false;
    }
  };
  form.addEventListener("submit", listener, { capture: true });
}

// Another script may bring this file in a second time, under its name without a digest.
if (!window.passkeysAreWired) {
  window.passkeysAreWired = true;
  for (const form of document.querySelectorAll("form[data-passkey-add]")) wire(form, add);
  for (const form of document.querySelectorAll("form[data-passkey-sign-in]")) wire(form, signIn);
}
