"""Signed notes, verifier keys and checkpoints: one reading, and nothing believed before it is verified."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tlog import (
    COSIGNATURE_V1,
    ED25519,
    EMPTY_ROOT,
    MAX_NOTE_BYTES,
    Checkpoint,
    CheckpointError,
    Note,
    NoteError,
    NoteSignature,
    NoteSignatureError,
    OriginError,
    SignedCheckpoint,
    VerifierKey,
    VerifierKeyError,
    cosign_note,
    format_checkpoint,
    format_note,
    format_vkey,
    parse_checkpoint,
    parse_note,
    parse_signed_checkpoint,
    parse_vkey,
    sign_note,
    verify_checkpoint,
    verify_note,
)
from tests.unit.schemas.tlog.builders import (
    NOW,
    ORIGIN,
    P256,
    a_log,
    log_key,
    signed,
    signer,
    vectors,
    witness_key,
)

EXAMPLES = vectors("spec-examples.json")
# The key of Go's checksum database, and one of its tree heads; the specification's example is a copy of it.
SUMDB_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDB_HEAD = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
LINE = "— example.com/foo " + "A" * 8 + "\n"
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"], exclude_characters="+"),
    min_size=1,
    max_size=60,
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))))


def test_the_example_of_signed_note_verifies_with_its_key() -> None:
    key = parse_vkey(EXAMPLES["signed-note: vkey"])
    note = parse_note(EXAMPLES["signed-note: note"].encode())
    (found,) = verify_note(note, [key])
    assert (found.key, found.timestamp) == (key, None)
    assert note.text == "This is an example message.\n"
    assert format_vkey(key) == EXAMPLES["signed-note: vkey"]


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.endswith(("note", "poem", "checkpoint"))])
def test_the_examples_of_the_specifications_are_read_and_written_again(name: str) -> None:
    data = EXAMPLES[name].encode()
    assert format_note(parse_note(data)) == data


def test_an_empty_line_in_the_text_does_not_end_it() -> None:
    note = parse_note(EXAMPLES["signed-note: poem"].encode())
    assert note.text.endswith("raggio di sole:\n\ned è subito sera.\n")


def test_a_tree_head_of_the_go_checksum_database_verifies() -> None:
    verify_note(parse_note(SUMDB_HEAD.encode()), [parse_vkey(SUMDB_KEY)])
    with pytest.raises(NoteSignatureError, match="does not fit"):
        verify_note(parse_note(SUMDB_HEAD.replace("2085216", "2085217").encode()), [parse_vkey(SUMDB_KEY)])


def test_the_example_checkpoint_is_read() -> None:
    checkpoint = parse_signed_checkpoint(EXAMPLES["tlog-checkpoint: checkpoint"].encode()).checkpoint
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.extensions == ()


def test_the_message_that_a_witness_signs_is_the_one_of_the_specification() -> None:
    head = EXAMPLES["tlog-cosignature: message"].partition("example.com")
    text = "example.com" + head[2]
    assert head[0] == "cosignature/v1\ntime 1679315147\n"
    line = cosign_note(text, key=witness_key(2), signer=signer(2), timestamp=1_679_315_147)
    assert line.signature[:8].hex() == "000000006418" + "50cb"
    assert line.signature[8:] == signer(2).sign(EXAMPLES["tlog-cosignature: message"].encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("text\n", "empty line"),
        ("text" + LINE, "empty line"),
        ("", "empty line"),
        ("text\n\n", "does not end in a newline"),
        ("text\n\n" + LINE[:-1], "does not end in a newline"),
        ("text\n\n" + LINE.replace("—", "-"), "not an em dash"),
        ("text\n\n" + LINE.replace("— ", "—"), "not an em dash"),
        ("text\n\n" + LINE.replace("— ", "—  "), "not an em dash"),
        ("text\n\n" + LINE.replace("\n", " \n"), "not an em dash"),
        ("text\n\n" + LINE.replace(" AAAA", "  AAAA"), "not an em dash"),
        ("text\n\n" + LINE + "more\n", "line 2 is not an em dash"),
        ("text\n\n" + LINE.replace("example.com/foo", "a+b"), "no plus"),
        ("text\n\n" + LINE.replace("example.com/foo", "a\u2003b"), "no spaces"),
        ("text\n\n" + LINE.replace("example.com/foo", ""), "1 to 255 bytes"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAA"), "key ID of 4 bytes"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAAAA=="), "key ID of 4 bytes"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAAAAB="), "stray bits"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAAAAA"), "not base64"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAAAA_-"), "not base64"),
        ("text\n\n" + LINE.replace("A" * 8, "AAAAAAÄA"), "not base64"),
        ("text\r\n\n" + LINE, "U\\+000D"),
        ("te\0xt\n\n" + LINE, "U\\+0000"),
        ("te\txt\n\n" + LINE, "U\\+0009"),
        ("text\n\n" + LINE * 65, "at most 64 signatures"),
        ("text\n\n" + LINE * 10_000, "longer than"),
    ],
)
def test_what_is_no_note_is_refused_with_the_reason(data: str, words: str) -> None:
    with pytest.raises(NoteError, match=words):
        parse_note(data.encode())


def test_a_note_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(NoteError, match="byte 2 cannot be read"):
        parse_note(b"te\xff\n\n" + LINE.encode())


def test_a_note_that_cannot_be_written_is_not_made() -> None:
    line = NoteSignature(name="a", key_id=bytes(4), signature=b"s")
    for text, signatures in (("text", (line,)), ("te\tt\n", (line,)), ("\udc80\n", (line,)), ("text\n", ())):
        with pytest.raises(NoteError):
            Note(text=text, signatures=signatures)


def test_64_signatures_are_read() -> None:
    assert len(parse_note(("text\n\n" + LINE * 64).encode()).signatures) == 64


def test_16_signatures_of_5_kilobytes_are_read() -> None:
    lines = tuple(NoteSignature(name="pq.example", key_id=bytes(4), signature=bytes(5000)) for _ in range(16))
    data = format_note(Note(text="text\n", signatures=lines))
    assert len(data) < MAX_NOTE_BYTES
    assert parse_note(data).signatures == lines


@settings(deadline=None)
@given(
    st.lists(TEXTS, min_size=1),
    st.lists(st.tuples(NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1)), min_size=1, max_size=5),
)
def test_every_note_is_read_as_it_was_written(lines: list[str], signers: list[tuple[str, bytes, bytes]]) -> None:
    note = Note(
        text="".join(line + "\n" for line in lines),
        signatures=tuple(NoteSignature(name=n, key_id=k, signature=s) for n, k, s in signers),
    )
    assert parse_note(format_note(note)) == note


@settings(deadline=None)
@given(st.binary() | TEXTS.map(lambda text: f"{text}\n\n{LINE}".encode()))
def test_any_bytes_are_a_note_that_is_written_again_or_refused(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert format_note(note) == data


def test_signatures_of_unknown_keys_are_ignored_even_with_a_known_name_or_id() -> None:
    text, key = "text\n", log_key()
    good = sign_note(text, key=key, signer=signer(1))
    same_name = replace(good, key_id=b"\0\0\0\0", signature=b"nonsense")
    same_id = replace(good, name="other.example", signature=b"nonsense")
    note = Note(text=text, signatures=(same_name, same_id, same_id, good))
    assert [found.key for found in verify_note(note, [key])] == [key]


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    note = Note(text="text\n", signatures=(sign_note("text\n", key=log_key(5), signer=signer(5)),))
    with pytest.raises(NoteSignatureError, match="nobody whose key is known"):
        verify_note(note, [log_key(1)])
    with pytest.raises(NoteSignatureError, match="nobody whose key is known"):
        verify_note(note, [])


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    text = "text\n"
    good = sign_note(text, key=log_key(1), signer=signer(1))
    other = sign_note(text, key=log_key(5), signer=signer(5))
    bad = replace(other, signature=good.signature)
    with pytest.raises(NoteSignatureError, match="does not fit"):
        verify_note(Note(text=text, signatures=(good, bad)), [log_key(1), log_key(5)])
    for cut in (other.signature[:-1], other.signature + b"\0", b"x"):
        with pytest.raises(NoteSignatureError, match="does not fit"):
            verify_note(
                Note(text=text, signatures=(good, replace(other, signature=cut))), [log_key(1), log_key(5)]
            )


def test_a_second_signature_of_one_key_is_refused() -> None:
    head = signed(a_log(3).checkpoint, witnesses=(2, 2))
    with pytest.raises(NoteSignatureError, match="signed this note twice"):
        verify_note(head.note, [witness_key(2)])


def test_two_keys_under_one_name_and_id_are_refused() -> None:
    class Colliding(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return b"same"

    keys = [Colliding(name="a", public_key=signer(seed).public_key) for seed in (1, 2)]
    with pytest.raises(VerifierKeyError, match="share the name"):
        verify_note(parse_note(("text\n\n" + LINE).encode()), keys)


@pytest.mark.parametrize("time", [0, 2**63, 2**64 - 1])
def test_a_cosignature_without_a_time_that_can_be_is_refused(time: int) -> None:
    text = format_checkpoint(a_log(3).checkpoint)
    signature = signer(2).sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    line = NoteSignature(
        name=witness_key(2).name, key_id=witness_key(2).key_id, signature=time.to_bytes(8, "big") + signature
    )
    with pytest.raises(NoteSignatureError, match="no time that can be"):
        verify_note(Note(text=text, signatures=(line,)), [witness_key(2)])
    with pytest.raises(NoteSignatureError, match="from 1 on"):
        cosign_note(text, key=witness_key(2), signer=signer(2), timestamp=time)


def test_a_cosignature_holds_for_its_own_time_only() -> None:
    head = signed(a_log(3).checkpoint, witnesses=(2,))
    line = head.note.signatures[1]
    for changed in (b"\0" * 7 + b"\1" + line.signature[8:], line.signature[8:], line.signature[:71]):
        note = Note(text=head.note.text, signatures=(replace(line, signature=changed),))
        with pytest.raises(NoteSignatureError):
            verify_note(note, [witness_key(2)])


def test_a_plain_signature_is_no_cosignature_of_the_same_key() -> None:
    plain = VerifierKey(name="w.example", public_key=signer(2).public_key)
    timed = replace(plain, signature_type=COSIGNATURE_V1)
    assert plain.key_id != timed.key_id
    note = Note(text="text\n", signatures=(sign_note("text\n", key=plain, signer=signer(2)),))
    with pytest.raises(NoteSignatureError, match="nobody"):
        verify_note(note, [timed])


def test_nobody_signs_with_a_key_that_is_not_theirs_or_of_the_wrong_type() -> None:
    with pytest.raises(VerifierKeyError, match="look at the key file"):
        sign_note("text\n", key=log_key(1), signer=signer(2))
    with pytest.raises(VerifierKeyError, match="0x04 only"):
        sign_note("text\n", key=witness_key(2), signer=signer(2))
    with pytest.raises(VerifierKeyError, match="0x01 only"):
        cosign_note("text\n", key=log_key(1), signer=signer(1), timestamp=NOW)


@settings(deadline=None)
@given(NAMES, st.integers(0, 255), st.sampled_from([ED25519, COSIGNATURE_V1]))
def test_every_vkey_is_read_as_it_was_written(name: str, seed: int, kind: int) -> None:
    key = VerifierKey(name=name, public_key=signer(seed).public_key, signature_type=ED25519 if kind == 1 else 4)
    assert parse_vkey(format_vkey(key)) == key


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_vkey_or_refused(text: str) -> None:
    with suppress(VerifierKeyError):
        assert format_vkey(parse_vkey(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "<name>"),
        ("name", "<name>"),
        ("name+00000000", "<name>"),
        (SUMDB_KEY.replace("033de0ae", "033DE0AE"), "lower-case hex"),
        (SUMDB_KEY.replace("033de0ae", "33de0ae"), "8 lower-case hex"),
        (SUMDB_KEY.replace("033de0ae", "033de0af"), "must be 033de0ae"),
        (SUMDB_KEY.replace("sum.", "sun."), "key ID of 'sun.golang.org' must be"),
        (SUMDB_KEY.replace("sum.", ""), "must be"),
        (" " + SUMDB_KEY, "no spaces"),
        (SUMDB_KEY + "\n", "not base64"),
        ("\u00e4" * 128 + "+00000000+AQ==", "1 to 255 bytes"),
        ("+" + SUMDB_KEY, "1 to 255 bytes"),
        ("name+00000000+", "holds no key"),
        ("name+00000000+AQ==", "cannot be used: an Ed25519 key has 32 bytes"),
        ("name+00000000+AQ" + "A" * 42 + "==", "stray bits"),
        ("name+00000000+" + "A" * 44, "signs with type 0x00"),
        ("n" * 256 + "+00000000+AQ==", "1 to 255 bytes"),
        ("n" * 2000, "at most 1024"),
        ("na\x07me+00000000+AQ==", "U\\+0007"),
        ("na\udc80me+00000000+AQ==", "surrogate"),
    ],
)
def test_what_is_no_vkey_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(VerifierKeyError, match=words):
        parse_vkey(text)


def test_a_post_quantum_vkey_is_named_as_what_we_do_not_have() -> None:
    with pytest.raises(VerifierKeyError, match="0x06") as caught:
        parse_vkey("w+00000000+BgAA")
    assert caught.value.problem == "UNSUPPORTED"


def test_the_identity_point_is_no_vkey() -> None:
    with pytest.raises(VerifierKeyError, match="prime order"):
        parse_vkey("name+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


def test_only_ed25519_keys_sign_notes() -> None:
    with pytest.raises(VerifierKeyError, match="this one is P-256"):
        VerifierKey(name="a", public_key=P256)
    with pytest.raises(VerifierKeyError, match="0x02 is none"):
        VerifierKey(name="a", public_key=signer(1).public_key, signature_type=2)  # type: ignore[arg-type]  # on purpose


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "three lines"),
        ("a\n1\n", "three lines"),
        (f"a\n1\n{ROOT}", "three lines"),
        (f"\n1\n{ROOT}\n", "one line, and not empty"),
        (f"a\n01\n{ROOT}\n", "without leading zeros"),
        (f"a\n00\n{ROOT}\n", "without leading zeros"),
        (f"a\n+1\n{ROOT}\n", "without leading zeros"),
        (f"a\n-1\n{ROOT}\n", "without leading zeros"),
        (f"a\n 1\n{ROOT}\n", "without leading zeros"),
        (f"a\n1 \n{ROOT}\n", "without leading zeros"),
        (f"a\n\n{ROOT}\n", "without leading zeros"),
        (f"a\n1e3\n{ROOT}\n", "without leading zeros"),
        (f"a\n\u0661\n{ROOT}\n", "without leading zeros"),
        (f"a\n9223372036854775808\n{ROOT}\n", "at most 9223372036854775807"),
        (f"a\n{'9' * 5000}\n{ROOT}\n", "without leading zeros"),
        ("a\n1\n\n", "32 bytes, got 0"),
        ("a\n1\nAAAA\n", "32 bytes, got 3"),
        (f"a\n1\n{ROOT[:-2]}J=\n", "stray bits"),
        (f"a\n1\n{ROOT[:-1]}\n", "not base64"),
        (f"a\n1\n{ROOT} \n", "not base64"),
        (f"a\n1\n{ROOT}\n\n", "not empty"),
        (f"a\n1\n{ROOT}\nmore\n\nmore\n", "not empty"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        parse_checkpoint(text)


LINES = TEXTS.filter(bool)


@settings(deadline=None)
@given(LINES, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES))
def test_every_checkpoint_is_read_as_it_was_written(
    origin: str, size: int, root: bytes, extensions: list[str]
) -> None:
    checkpoint = Checkpoint(origin=origin, size=size, root=root, extensions=tuple(extensions))
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_checkpoint_that_is_written_again_or_refused(text: str) -> None:
    with suppress(CheckpointError):
        assert format_checkpoint(parse_checkpoint(text)) == text


def test_a_checkpoint_that_cannot_be_written_is_not_made() -> None:
    for origin, size, root in (("", 1, EMPTY_ROOT), ("a\nb", 1, EMPTY_ROOT), ("a", -1, EMPTY_ROOT), ("a", 1, b"")):
        with pytest.raises(CheckpointError):
            Checkpoint(origin=origin, size=size, root=root)


def test_a_checkpoint_shows_its_log_and_when_witnesses_confirmed_it() -> None:
    head = signed(a_log(5).checkpoint, witnesses=(2, 3))
    found = verify_checkpoint(head, logs=[log_key(9), log_key(1)], witnesses=[witness_key(3), witness_key(4)])
    assert found.log == log_key(1)
    assert found.checkpoint.size == 5
    assert dict(found.cosignatures) == {witness_key(3): NOW + 1}


def test_a_checkpoint_of_another_log_is_refused_although_we_trust_that_log_elsewhere() -> None:
    head = signed(replace(a_log(5).checkpoint, origin="other.example/log"))
    with pytest.raises(OriginError, match=r"'other\.example/log', which is not accepted"):
        verify_checkpoint(head, logs=[log_key(1)])


def test_a_log_does_not_sign_for_another_origin() -> None:
    other = log_key(5, name="other.example/log")
    text = format_checkpoint(a_log(5).checkpoint)
    note = Note(text=text, signatures=(sign_note(text, key=other, signer=signer(5)),))
    head = SignedCheckpoint(checkpoint=a_log(5).checkpoint, note=note)
    with pytest.raises(NoteSignatureError, match="nobody"):
        verify_checkpoint(head, logs=[log_key(1), other])


def test_witnesses_alone_do_not_make_a_checkpoint() -> None:
    head = signed(a_log(5).checkpoint, witnesses=(2, 3))
    note = replace(head.note, signatures=head.note.signatures[1:])
    with pytest.raises(NoteSignatureError, match="did not sign its checkpoint"):
        verify_checkpoint(replace(head, note=note), logs=[log_key(1)], witnesses=[witness_key(2)])


def test_a_log_does_not_witness_itself() -> None:
    itself = replace(witness_key(1), name=ORIGIN)
    head = signed(a_log(5).checkpoint)
    line = cosign_note(head.note.text, key=itself, signer=signer(1), timestamp=NOW)
    note = replace(head.note, signatures=(*head.note.signatures, line))
    assert not verify_checkpoint(replace(head, note=note), logs=[log_key(1)], witnesses=[itself]).cosignatures


def test_a_witnesss_key_is_no_logs_key_and_the_other_way_round() -> None:
    head = signed(a_log(5).checkpoint, witnesses=(2,))
    with pytest.raises(OriginError):
        verify_checkpoint(head, logs=[replace(log_key(1), signature_type=COSIGNATURE_V1)])
    plain = replace(witness_key(2), signature_type=ED25519)
    assert not verify_checkpoint(head, logs=[log_key(1)], witnesses=[plain]).cosignatures
