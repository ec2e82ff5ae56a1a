// Every sentence that the scripts here say. A page in another language gives its own words for them, as JSON
// {"the English sentence": "the other"} in the attribute data-words of any element.

export function _(sentence, values = {}) {
  const other = globalThis.document?.querySelector("[data-words]")?.dataset.words;
  const words = (other && JSON.parse(other)[sentence]) || sentence;
  return words.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

export const TROUBLE = {
  insecure: () => _("This page came over an address that browsers do not trust with keys (http on a network address)."),
  crypto: () => _("This browser cannot make the keys that signatures need here."),
  storage: () => _("This browser keeps nothing for this site, as in a private window, so it cannot keep a key."),
};

export const stillSent = () => _("You can still send it.");
export const unsigned = () =>
  _("It is not signed then: the circle has your word, and nobody outside can check it.");

export const keptHere = () => _("This browser keeps the key for this decision.");
export const willBeKept = () => _("When you send this, this browser makes a key for this decision and keeps it.");

export const otherDevice = () =>
  _("Another browser or device keeps the key that stands for you in this decision, so you cannot sign here.");

export const notSigned = () => _("Signing did not work in this browser. Press again to send it without a signature.");
export const exactText = () => _("The exact text");
export const filledIn = () =>
  _("The time, and the random parts that keep it from being guessed, are made anew when you send it.");
export const exactProposal = () => _("What it is about, exactly");
export const sameProposal = () => _("This browser has computed the digest of that: it is the one that you sign.");
export const otherProposal = () => _("The digest of that is another one than you would sign. Please tell the facilitator.");
export const noProposal = () => _("It could not be fetched just now, so its digest was not compared.");
export const choose = () => _("Choose your answer: here you will see what you sign.");

// What is signed, in words: a list of sentences. `said` is what forms.js reads from the form.
export function signedWords(said, { version, round, deciders, badge }) {
  const which = { version, round };
  const sentences = [FIRST[said.type === "consent" && said.concern ? "concern" : said.type](which, said)];
  if (said.type === "about-me") return sentences;
  if (["consent", "not-yet"].includes(said.type)) {
    const many = { n: deciders };
    if (badge && deciders) {
      sentences.push(_("The badge, its terms and the list of %(n)s people who decide are part of what you sign.", many));
    } else if (badge) {
      sentences.push(_("The badge, its terms and the list of those who decide are part of what you sign."));
    } else {
      sentences.push(_("The proposal, its terms and the list of those who decide are part of what you sign."));
    }
  }
  if (said.concern) sentences.push(_("Your concern is signed beside it: there stands a salted digest of your words."));
  if (said.text) sentences.push(_("In it stands a salted digest of your words, which only the words themselves open."));
  if (said.comment) sentences.push(_("Your comment is in it, and the learner gets it with the badge."));
  if (said.name) {
    sentences.push(_("Your name is in it: “%(name)s”.", { name: said.name }));
    sentences.push(_("We cannot take a name back from a file that the learner owns."));
  } else if (said.type !== "accept") {
    // The badge itself may name who accepts it.
    sentences.push(_("Your name is not in it."));
  }
  return sentences;
}

const FIRST = {
  consent: (which) => _("You sign: I consent to version %(version)s of this proposal, in round %(round)s.", which),
  concern: (which) =>
    _("You sign: I consent to version %(version)s of this proposal, in round %(round)s, and I have a concern.", which),
  "not-yet": (which) =>
    _("You sign: I consent to version %(version)s, in round %(round)s: not yet, and here is a plan.", which),
  objection: (which) =>
    _("You sign: I have an objection to version %(version)s of this proposal, in round %(round)s.", which),
  "about-me": (_which, said) =>
    _("You sign: the draft of this badge is for the address %(email)s, and that is mine.", { email: said.email }),
  accept: (which) => _("You sign: I accept this badge as the circle decided on it, in version %(version)s.", which),
  confirm: (which) =>
    _("You sign: what was written down for me on version %(version)s, in round %(round)s, is what I said.", which),
};

export const notYou = () =>
  _("The address in this draft is not the one that you see here, so it is not signed. Please tell the facilitator.");
