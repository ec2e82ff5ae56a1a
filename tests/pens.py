"""The keys with which people in tests sign: the same in each process, so that a killed story goes on with them."""

from __future__ import annotations

from issuer.service.seeding.pens import Pens

PENS = Pens(b"the secret of people who exist in tests only")
