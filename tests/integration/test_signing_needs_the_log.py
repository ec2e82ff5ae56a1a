"""G9 from inside: not even whoever can write the journal gets a badge signed without its own entry and words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from issuer.errors import RefusedError
from issuer.rules.awards import Award
from issuer.service.academy import Work, use_case
from issuer.service.issuing import SignedForms, sign
from issuer.service.log import flush
from tests.integration.world import World, award_of


@use_case
def signed(work: Work, *, award: Award) -> SignedForms:
    return sign(work, award)


def award(world: World, credential: str) -> Award:
    row = next(row for row in world.rows("awards") if row["credential_id"] == credential)
    return award_of(world.academy, id_=row["id"])


def test_an_award_is_signed_with_its_own_proof_entry_and_acceptance_alone(world: World) -> None:
    asked = world.consented(badge="feedback", witnesses=(world["ben"],))
    mine = award(world, world.accept(asked))
    other = award(world, world.accepted())
    about_me = world.process(asked).about_me
    assert about_me is not None
    for changes, says in (
        ({"proof": None}, "not proven yet"),
        ({"proof": other.proof}, "not proven|another entry"),
        ({"leaf": other.leaf}, "about another badge"),
        ({"accepted": other.accepted}, "signed something else"),
        ({"accepted": about_me.signed}, "signed something else"),
        ({"accepted": "nothing"}, "erased"),
    ):
        with pytest.raises(RefusedError, match=says) as caught:
            signed(world.academy, award=replace(mine, **changes))
        assert caught.value.remedy


def test_the_same_award_gives_the_same_bytes_after_the_log_went_on(world: World) -> None:
    mine = award(world, world.accepted(badge="feedback", witnesses=(world["ben"],)))
    before = signed(world.academy, award=mine)
    world.accepted()
    flush(world.academy)
    assert signed(world.academy, award=mine) == before
