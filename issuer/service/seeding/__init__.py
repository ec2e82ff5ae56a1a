"""An academy to try things with, built by people's own steps under the same rules; no row is written past them."""

from issuer.service.seeding.academy import DEMO_PEOPLE, is_empty, seed_academy
from issuer.service.seeding.story import Told, tell_story

__all__ = ["DEMO_PEOPLE", "Told", "is_empty", "seed_academy", "tell_story"]
