""" "Check it yourself" in the browser: a small log that is right, and each of its links broken once."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from schemas import canonicalize_json, record_root, record_to_json, seal_record, view_record
from schemas.tlog import (
    EMPTY_EDGE,
    BundleID,
    Checkpoint,
    TileID,
    append_leaves,
    digest_text,
    entry_hash,
    format_bundle,
    format_note,
    format_vkey,
    tile_path,
    width_in_tree,
)
from tests.statements.scripts import Node
from tests.unit.schemas.tlog.builders import ORIGIN, log_key, signed

LOG = "/log/"
RECORD = "/decisions/x.json"


def _salts() -> Callable[[int], bytes]:
    count = iter(range(10_000))
    return lambda length: sha256(b"%d" % next(count)).digest()[:length]


LEAVES = seal_record(
    {
        ("kind",): "award",
        ("circle",): 'Nord "1" \n \U0001f331',
        ("flag", "founding"): True,
        ("count", "deciders"): 3,
        ("proposal", "text"): "closed to the reader",
    },
    random_bytes=_salts(),
)
ENTRY = canonicalize_json({"type": "decision.closed", "v": 1, "record": digest_text(record_root(LEAVES))})


@dataclass(slots=True)
class Published:
    """What a page says, and the files that it leads to."""

    size: int
    index: int
    page: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)

    def sign(self, root: bytes, *, key: int = 1, size: int | None = None) -> None:
        checkpoint = Checkpoint(origin=ORIGIN, size=self.size if size is None else size, root=root)
        self.files[f"{LOG}checkpoint"] = format_note(signed(checkpoint, log=key, witnesses=(2,)).note).hex()

    def path(self, tile: TileID | BundleID) -> str:
        return LOG + tile_path(tile)

    @property
    def bundle(self) -> BundleID:
        index = self.index // 256
        return BundleID(index=index, width=width_in_tree(self.size, level=0, index=index))

    def put(self, entries: list[bytes]) -> None:
        first = self.bundle.index * 256
        data = format_bundle(entries[first : first + self.bundle.width])
        self.files[self.path(self.bundle)] = data.hex()


def published(size: int = 600, index: int = 300) -> Published:
    made = Published(size=size, index=index, page={"log": LOG, "vkey": format_vkey(log_key()), "index": index})
    made.entries = [b"entry %d" % number for number in range(size)]
    made.entries[index] = ENTRY
    tree = append_leaves(EMPTY_EDGE, [entry_hash(entry) for entry in made.entries])
    made.files = {made.path(tile): data.hex() for tile, data in tree.tiles}
    made.sign(tree.root)
    made.put(made.entries)
    made.page |= {"leaf": ENTRY.decode(), "record": RECORD}
    view = view_record(LEAVES, open_to={"credential"})
    made.files[RECORD] = json.dumps({"leaves": record_to_json(view)}, ensure_ascii=True).encode().hex()
    return made


def results(node: Node, *cases: Published) -> list[dict[str, tuple[str, str]]]:
    found = node.results([("check", [case.page, case.files]) for case in cases])
    return [{step["what"]: (step["result"], step["sentence"]) for step in steps} for steps in found]


ALL = ("signature", "inclusion", "leaf", "record", "seal")


@pytest.mark.parametrize(
    "places",
    [
        [
            (1, 0),
            (2, 0),
            (2, 1),
            (3, 2),
            (7, 6),
            (255, 254),
            (256, 0),
            (257, 256),
            (300, 3),
            (600, 599),
            (600, 255),
        ],
        pytest.param([(66_000, 65_999), (66_000, 0), (66_000, 65_535), (65_536, 777)], id="three levels of tiles"),
    ],
)
def test_every_entry_of_a_right_log_is_found(node: Node, places: list[tuple[int, int]]) -> None:
    for found in results(node, *(published(size, index) for size, index in places)):
        assert {name: result for name, (result, _) in found.items()} == dict.fromkeys(ALL, "good"), found


def test_what_the_page_does_not_name_is_not_checked(node: Node) -> None:
    case = published()
    for name in ("index", "leaf", "record"):
        del case.page[name]
    [found] = results(node, case)
    assert found == {"signature": ("good", f"The log {ORIGIN} signed that it has 600 entries.")}


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(node: Node) -> None:
    case = published(size=200, index=100)
    for tile in (TileID(level=0, index=0, width=200), case.bundle):
        data = case.files.pop(case.path(tile))
        full = TileID(level=0, index=0) if isinstance(tile, TileID) else BundleID(index=0)
        case.files[case.path(full)] = data + "00" * 32
    [found] = results(node, case)
    assert {result for result, _ in found.values()} == {"good"}


Break = Callable[[Published], None]
BROKEN: dict[str, tuple[Break, dict[str, str], str]] = {}


def breaks(expected: dict[str, str], words: str) -> Callable[[Break], Break]:
    def keep(function: Break) -> Break:
        BROKEN[function.__name__.replace("_", " ").strip()] = (function, expected, words)
        return function

    return keep


AFTER_SIGNATURE = {"signature": "bad", "inclusion": "unknown", "leaf": "unknown", "seal": "unknown"}


@breaks(AFTER_SIGNATURE, "is not that of the log's key")
def _one_byte_of_the_root(case: Published) -> None:
    name = f"{LOG}checkpoint"
    case.files[name] = case.files[name].replace(b"\n600\n".hex(), b"\n601\n".hex())


@breaks(AFTER_SIGNATURE, "is not under the checkpoint")
def _another_logs_signature(case: Published) -> None:
    case.sign(bytes(32), key=9)


@breaks(AFTER_SIGNATURE, "of another log")
def _another_origin(case: Published) -> None:
    case.page["vkey"] = format_vkey(log_key(name="elsewhere.example/log"))


@breaks(AFTER_SIGNATURE, "key ID")
def _a_vkey_with_another_id(case: Published) -> None:
    name, _, key = case.page["vkey"].split("+", 2)
    case.page["vkey"] = f"{name}+00000000+{key}"


@breaks(AFTER_SIGNATURE, "not a signed note")
def _no_note(case: Published) -> None:
    case.files[f"{LOG}checkpoint"] = b"hello\n".hex()


@breaks(AFTER_SIGNATURE, "is not under the checkpoint")
def _no_signature_of_the_log(case: Published) -> None:
    note = bytes.fromhex(case.files[f"{LOG}checkpoint"]).decode()
    lines = [line for line in note.split("\n") if not line.startswith(f"\N{EM DASH} {ORIGIN} ")]
    case.files[f"{LOG}checkpoint"] = "\n".join(lines).encode().hex()


@breaks({**AFTER_SIGNATURE, "signature": "unknown"}, "could not be had")
def _no_network(case: Published) -> None:
    case.files[f"{LOG}checkpoint"] = "down"


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "another root")
def _another_root_signed(case: Published) -> None:
    case.sign(sha256(b"another tree").digest())


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "another root")
def _another_entry_in_the_bundle(case: Published) -> None:
    case.put([entry.replace(b"decision.closed", b"decision.closex") for entry in case.entries])


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "another root")
def _one_bit_of_a_tile(case: Published) -> None:
    name = case.path(TileID(level=0, index=2, width=88))
    case.files[name] = case.files[name][:-1] + ("0" if case.files[name][-1] != "0" else "1")


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "ends too early")
def _a_tile_that_is_cut(case: Published) -> None:
    name = case.path(TileID(level=0, index=1))
    case.files[name] = case.files[name][:-64]


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "ends too early")
def _a_bundle_that_is_cut(case: Published) -> None:
    name = case.path(case.bundle)
    case.files[name] = case.files[name][: 2 * 100]


@breaks({"inclusion": "unknown", "leaf": "unknown", "seal": "unknown"}, "could not be had")
def _a_tile_that_is_missing(case: Published) -> None:
    del case.files[case.path(TileID(level=0, index=1))]


@breaks({"inclusion": "bad", "leaf": "unknown", "seal": "unknown"}, "no entry 600 yet")
def _an_entry_that_is_not_there_yet(case: Published) -> None:
    case.page["index"] = 600


@breaks({"leaf": "bad"}, "another entry in this place")
def _another_leaf_on_the_page(case: Published) -> None:
    case.page["leaf"] += " "


def _change(case: Published, change: Callable[[list[Any]], None]) -> None:
    record = json.loads(bytes.fromhex(case.files[RECORD]))
    change(record["leaves"])
    case.files[RECORD] = json.dumps(record).encode().hex()


@breaks({"record": "bad", "seal": "unknown"}, "kind does not fit")
def _one_open_field(case: Published) -> None:
    _change(case, lambda leaves: leaves[0].update(value="renew"))


@breaks({"record": "bad", "seal": "unknown"}, "kind does not fit")
def _one_salt(case: Published) -> None:
    _change(case, lambda leaves: leaves[0].update(salt="A" * 43))


@breaks({"record": "bad", "seal": "unknown"}, "one salt")
def _the_same_salt_twice(case: Published) -> None:
    _change(case, lambda leaves: leaves[1].update(salt=leaves[0]["salt"], value="x"))


@breaks({"record": "bad", "seal": "unknown"}, "is empty")
def _an_empty_record(case: Published) -> None:
    _change(case, lambda leaves: leaves.clear())


@breaks({"record": "unknown", "seal": "unknown"}, "could not be had")
def _a_record_that_is_a_page(case: Published) -> None:
    case.files[RECORD] = b"<!doctype html>".hex()


@breaks({"seal": "bad"}, "another record")
def _one_closed_field(case: Published) -> None:
    _change(case, lambda leaves: leaves[-1].update(hash="B" * 42 + "A"))


@breaks({"seal": "bad"}, "another record")
def _a_field_less(case: Published) -> None:
    _change(case, lambda leaves: leaves.pop() and None)


def test_each_broken_link_is_named_and_nothing_that_builds_on_it_holds(node: Node) -> None:
    whole = published()
    cases = []
    for break_, _, _ in BROKEN.values():
        case = deepcopy(whole)
        break_(case)
        cases.append(case)
    for (name, (_, expected, words)), found in zip(BROKEN.items(), results(node, *cases), strict=True):
        assert {step: result for step, (result, _) in found.items()} == dict.fromkeys(ALL, "good") | expected, name
        first = next(step for step in ALL if found[step][0] != "good")
        assert words in found[first][1], name
