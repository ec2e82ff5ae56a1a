"""What a code of a report means to people: why it matters, and what they can do about it.

A report's own sentence says what was found in this badge. These say the rest, once for each code, in the words of
PAGES.md. The page translates them, so they have no values in them and no percent signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.decision.words import DECISION_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Why a finding matters, and what the reader can do; each may be empty where a check's own text says it."""

    why: str
    remedy: str


def _words(**table: tuple[str, str]) -> Mapping[str, Words]:
    return MappingProxyType({code: Words(why=why, remedy=remedy) for code, (why, remedy) in table.items()})


_NEW_COPY = "Ask the person, or the issuer, for a new copy."
_TELL_ISSUER = "Nothing you did is wrong. Tell the issuer, who can correct it and issue the badge again."
_LATER = "Try again later. If it stays so, ask the issuer."
_OTHER_PROGRAM = "Ask the issuer whether the badge is good, or check it with another program as well."
_DO_NOT_RELY = "Do not rely on it. Ask the issuer, at an address that you know, whether the badge is theirs."

_WORDS = _words(
    **DECISION_WORDS,
    # What was handed in
    PARSING_ERROR=(
        "What was given is not in a form that badges have.",
        "Give the badge's own file, its image as it was downloaded, or its link.",
    ),
    NO_BADGE=(
        "An image is a badge only with the signed text in it. Screenshots and many websites lose that text.",
        "Ask for the badge's own file or link, or download the image again from where it was issued.",
    ),
    CONTAINER=(
        "The file is not laid out as the specification says, though it could be read.",
        "Nothing needs to be done. A new copy from the issuer may be tidier.",
    ),
    SEVERAL_BADGES=(
        "Somebody could put a good badge first for checking, and another one behind it for showing.",
        "Ask for a copy with one badge in it, and check that one.",
    ),
    IMAGE_CONTRADICTS=(
        "Anybody can paint anything on a picture. Only the text inside it is signed.",
        "Go by the names in this report, not by the picture.",
    ),
    LIMIT_EXCEEDED=(
        "It is larger or more entangled than any badge needs to be, so it was not read to its end.",
        "Ask the issuer for a plainer copy.",
    ),
    NOT_FOUND=(
        "Without that document nobody can tell.",
        _LATER,
    ),
    UNSUPPORTED=(
        "Not knowing a form says nothing against the badge.",
        _OTHER_PROGRAM,
    ),
    # Its words
    UNKNOWN_CONTEXT=(
        "Words without a definition that we hold could mean anything, so we cannot read the badge to its end.",
        _OTHER_PROGRAM,
    ),
    DATA_LOSS_DETECTION_ERROR=(
        "A word without a definition falls out before signing, so anybody could have changed it afterwards.",
        _TELL_ISSUER,
    ),
    NOT_COMPACT_FORM=(
        "It is written in a way that another program could read differently, and so show you something else.",
        _NEW_COPY,
    ),
    OLD_CONTEXT=("Badges from before the newest edition look like this.", "Nothing needs to be done."),
    MALFORMED_VALUE_ERROR=(
        "Programs rely on every part having its form. Where one has not, two of them can take it for two things.",
        _TELL_ISSUER,
    ),
    SCHEMA_ERROR=("Other programs may refuse the badge, or show it with parts missing.", _TELL_ISSUER),
    SCHEMA_NOT_CHECKED=(
        "A badge may name a form of the issuer's own. We hold the official forms only, and fetch no others.",
        "Nothing needs to be done. It says nothing for or against the badge.",
    ),
    RESULT_ERROR=(
        "The badge says a result and says what results there can be, and the two do not fit together.",
        "Ask the issuer what the result was.",
    ),
    DATE_ORDER=("Its dates contradict each other.", "Ask the issuer which of them is right."),
    # Its signature
    PROOF_VERIFICATION_ERROR=(
        "A signature fits one text and one key only. Where it does not, nobody can tell what was changed.",
        _NEW_COPY,
    ),
    PROOF_TRANSFORMATION_ERROR=(
        "The signed form of the badge could not be made, so nothing could be compared.",
        _NEW_COPY,
    ),
    PROOF_GENERATION_ERROR=("The signature cannot have been made as it says.", _NEW_COPY),
    INVALID_DOMAIN_ERROR=("It was made for somebody else, and may have been copied.", "Ask to be shown it again."),
    INVALID_CHALLENGE_ERROR=(
        "It was made for another occasion, and may have been copied.",
        "Ask to be shown it again.",
    ),
    CLAIM_MISMATCH=(
        "The envelope says something else than the letter in it, so two programs could read two things.",
        _TELL_ISSUER,
    ),
    JWT_LAYOUT=("It could be read all the same.", "Nothing needs to be done."),
    # Whose key it is
    INVALID_VERIFICATION_METHOD=(
        "Anybody can type the name of an issuer. What cannot be copied is its key, and this is another one.",
        _DO_NOT_RELY,
    ),
    INVALID_VERIFICATION_METHOD_URL=("Without an address nobody can ask whose key it is.", _TELL_ISSUER),
    INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD=(
        "The issuer uses that key for something else, not for stating what people can do.",
        _DO_NOT_RELY,
    ),
    INVALID_DID=("The identifier is none, so nobody can be asked about it.", _TELL_ISSUER),
    INVALID_CONTROLLED_IDENTIFIER_DOCUMENT=(
        "The issuer's own list of keys cannot be read, so nothing can be compared with it.",
        _LATER,
    ),
    INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID=(
        "What stands at the issuer's address belongs to somebody else.",
        _LATER,
    ),
    KEY_NOT_BOUND=(
        "The signature fits, but to a key that came along with the badge: anybody can bring one.",
        _DO_NOT_RELY,
    ),
    KEY_SUPPLIED=(
        "Whoever gave you the badge may have made those files too.",
        "Check it again with a network, so that the issuer itself is asked.",
    ),
    KEY_RETIRED=(
        "Keys are changed from time to time. A signature with an old one may come from whoever found it.",
        "Ask the issuer to confirm the badge, or for a new copy.",
    ),
    KEY_COMPROMISED=(
        "Somebody else may have signed with it, and may have written any date.",
        "Ask the issuer for a new copy, signed with a new key.",
    ),
    ISSUER_NOT_LISTED=(
        "A check can tell that a badge is real. Whether the issuer is any good is for you to judge.",
        "Look at its website, or ask somebody who knows it.",
    ),
    # Its status and dates
    STATUS_SET=(
        "An issuer takes a badge back when it should not count any more.",
        "Ask the person whether they have a newer badge, or the issuer why.",
    ),
    STATUS_RETRIEVAL_ERROR=(
        "The badge may have been taken back without our knowing it.",
        _LATER,
    ),
    STATUS_VERIFICATION_ERROR=(
        "A list that is not surely the issuer's own could hide that a badge was taken back.",
        _LATER,
    ),
    STATUS_LIST_LENGTH_ERROR=(
        "A short list tells the issuer whose badge is being looked at, and may be cut off.",
        _LATER,
    ),
    RANGE_ERROR=("The list does not reach as far as this badge's place in it.", _LATER),
    ODD_STATUS_LIST=("The list was read, and is not quite as it should be.", "Nothing needs to be done."),
    PART_SHOWN=(
        "With this kind of signature a holder can show a part of a badge, and leave out that it was revoked.",
        "Ask the person for the whole badge.",
    ),
    OLD_STATUS_LIST=(
        "Nobody signed that list, so whoever sits between you and the issuer could change it.",
        "Ask the issuer, if much depends on it.",
    ),
    VALIDITY_PERIOD=(
        "It counts between two dates only, and today is not between them.",
        "Ask the person whether they have renewed it.",
    ),
    REFRESH_FAILED=(
        "The badge says where newer copies of it stand, and none could be used from there.",
        "What you see is the copy that you have. Ask the person, or the issuer, for a newer one.",
    ),
    RECIPIENT_MISMATCH=(
        "Badges are copied easily. This one does not say that it is for that person.",
        "Look for typing mistakes, try another address of theirs, or ask them to show it from their wallet.",
    ),
    HOLDER_NOT_SUBJECT=(
        "Whoever shows a badge need not be the one it was given to.",
        "Compare the badge with the person's e-mail address or name.",
    ),
    # What goes with it
    ENDORSEMENT_SUBJECT=(
        "A good word about somebody else could be stuck to any badge.",
        "Leave that endorsement out of account.",
    ),
    REARRANGED=(
        "The badge's own signature covers what is said, and not which part says it, so parts can be moved about.",
        _NEW_COPY,
    ),
    NO_DECISION_PROOF=(
        "This issuer adds the record of the peers' decision to its badges, and this file lacks it.",
        "Download the badge again from its own page, with the proof.",
    ),
    NO_WITNESSES=(
        "Without witnesses the log could show you other pages than everybody else.",
        "Download the badge again from its own page, with the proof.",
    ),
    ORIGIN_NOT_ACCEPTED=(
        "The entry stands in a log that is not on the list of this verifier.",
        "Ask the issuer which log it uses, and whoever runs this verifier whether they know it.",
    ),
    NOTE_SIGNATURE_ERROR=(
        "The log's own signature does not fit, so nobody can tell whose page that is.",
        _NEW_COPY,
    ),
    INCLUSION_PROOF_ERROR=("The proof does not lead from this badge to that log.", _NEW_COPY),
    CONSISTENCY_PROOF_ERROR=("Two pages of the log contradict each other.", "Tell the issuer and its witnesses."),
    NOTE_MALFORMED=("What the log is said to have written cannot be read.", _NEW_COPY),
    CHECKPOINT_MALFORMED=("What the log is said to have written cannot be read.", _NEW_COPY),
    TLOG_PROOF_MALFORMED=("The proof that came with the badge cannot be read.", _NEW_COPY),
    LEAF_MALFORMED=("The entry of the log cannot be read.", _NEW_COPY),
    LEAF_TYPE_UNKNOWN=("The entry of the log is of a newer kind than this program knows.", _OTHER_PROGRAM),
    QUORUM_NOT_MET=("Fewer witnesses than asked for have confirmed the log.", _LATER),
)
# The same code, said of another check.
_OF_A_CHECK: Mapping[tuple[str, str], Words] = MappingProxyType(
    {
        ("readable", "NOT_FOUND"): Words(
            why="A link can be mistyped, and a website can be away for a while.",
            remedy="Look at the link, try again later, or give the badge's own file.",
        ),
        ("proof", "VALIDITY_PERIOD"): Words(
            why="A signature can have an end of its own, after which it proves nothing.",
            remedy=_NEW_COPY,
        ),
        ("holder", "INVALID_VERIFICATION_METHOD"): Words(
            why="Whoever shows it signed with a key that is not the holder's, so they may have copied it.",
            remedy="Ask the person to show it from their own wallet.",
        ),
    }
)
# What is proven of the peers' decision has many codes of its own, and the same to be done about each of them.
_FROM_ITS_PAGE = "Download the badge again from its own page, with the proof. If it stays so, ask the issuer."
_OF_A_KIND: Mapping[str, Words] = MappingProxyType(
    {
        "decision": Words(
            why="The badge and the record of how its peers decided do not fit together, or parts are missing.",
            remedy=_FROM_ITS_PAGE,
        ),
        "log": Words(
            why="An entry that is not shown to be in the log may never have been there.", remedy=_FROM_ITS_PAGE
        ),
        "witnesses": Words(why="Without witnesses the log could show you other pages than others.", remedy=_LATER),
    }
)
_DEFAULTS: Mapping[str, Words] = MappingProxyType(
    {
        "fail": Words(why="", remedy=_NEW_COPY),
        "unknown": Words(why="", remedy=_LATER),
    }
)
_NONE = Words(why="", remedy="")


def words_for(kind: str, result: str, code: str) -> Words:
    """Return the words for a line of a report; `kind` is its id without a number."""
    if not code:
        return _DEFAULTS.get(result, _NONE)
    found = _OF_A_CHECK.get((kind, code)) or _WORDS.get(code) or _OF_A_KIND.get(kind)
    return found or _DEFAULTS.get(result, _NONE)


def has_words(code: str) -> bool:
    """Say whether a code has words of its own."""
    return code in _WORDS
