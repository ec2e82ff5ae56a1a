// The canonical JSON text of a value (RFC 8785), the same bytes as schemas/jcs.py gives.
// ECMAScript's own JSON.stringify writes texts and numbers as the RFC says; the order of names is ours to make.

export function canonicalJson(value) {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error("JSON has no such number");
  if (value === null || typeof value === "number" || typeof value === "boolean") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new Error(`a value of type ${typeof value} has no JSON form`);
  // sort() compares UTF-16 code units, as the RFC wants it (section 3.2.3).
  const members = Object.keys(value).sort().map((name) => `${quoted(name)}:${canonicalJson(value[name])}`);
  return `{${members.join(",")}}`;
}

function quoted(text) {
  // JSON.stringify would write half of a surrogate pair as an escape; the RFC and the server refuse it.
  if (/\p{Cs}/u.test(text)) throw new Error("a text holds half of a surrogate pair");
  return JSON.stringify(text);
}
