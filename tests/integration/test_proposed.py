"""What stands at addresses that not everybody may read, or not yet: a version's bytes, a badge being sealed."""

from __future__ import annotations

import json

import pytest

from issuer.errors import BeingSealedError, NotFoundError
from issuer.service import processes
from issuer.service.applications import acceptance
from issuer.service.credentials import credential_page, signed_credential
from issuer.service.issuing import complete_pending
from issuer.service.models import Amendment, AnswerDraft
from issuer.service.published import own_document
from schemas import multihash
from tests.integration.world import CONSENT, Asked, World
from tests.pens import PENS


def _proposed(world: World, asked: Asked, version: int, reader: str) -> bytes:
    return processes.proposal_bytes(world.academy, id_=asked.process, version=version, reader=world[reader])


def test_each_version_is_served_as_exactly_the_bytes_that_its_digest_is_of(world: World) -> None:
    asked = world.in_round()
    reason = "The review dates were missed."
    objection = AnswerDraft(version=1, response="objection", reason=reason)
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    for name in ("chiara", "eli"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    raised = world.process(asked).objections[-1].id
    processes.word_objection(world.academy, by=world["eli"], id_=asked.process, objection=raised, wording=reason)
    processes.change_objection(
        world.academy, by=world["dev"], id_=asked.process, objection=raised, step="understood"
    )
    met = {raised: "A measure was added."}
    change = Amendment(outcome="award", measures=("Look at the dates in May.",), how_met=met)
    processes.amend(world.academy, by=world["eli"], id_=asked.process, amendment=change)
    versions = world.process(asked).versions
    assert [version.number for version in versions] == [1, 2]
    for version in versions:
        for reader in ("asha", "chiara", "dev", "eli"):
            body = _proposed(world, asked, version.number, reader)
            assert multihash(body) == version.digest
        assert json.loads(body)["deciders"] == list(version.keys)


@pytest.mark.parametrize(("version", "reader"), [(1, "mira"), (2, "chiara")], ids=["a stranger", "no version"])
def test_who_takes_no_part_finds_no_proposal(world: World, version: int, reader: str) -> None:
    asked = world.in_round()
    with pytest.raises(NotFoundError):
        _proposed(world, asked, version, reader)


def test_an_accepted_badge_says_that_it_is_being_sealed_until_it_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = world.consented()
    with monkeypatch.context() as later:
        later.setattr(acceptance, "complete_award", lambda _academy, *, award: False)
        credential = world.accept(asked)
    for read in (signed_credential, lambda academy, *, id_: credential_page(academy, id_=id_, reader=None)):
        with pytest.raises(BeingSealedError):
            read(world.academy, id_=credential)
    assert own_document(world.academy, f"/credentials/{credential}") is None
    assert complete_pending(world.academy) == 1
    assert signed_credential(world.academy, id_=credential).json
