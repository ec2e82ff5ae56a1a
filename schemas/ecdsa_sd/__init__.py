"""Selective disclosure: the cryptosuite ecdsa-sd-2023 (VC-DI ECDSA 1.0, sections 3.4 and 3.5).

An issuer adds a base proof, which only the holder gets. The holder derives from it a document that shows some of
the statements, with a proof of those. A verifier checks the derived proof and learns nothing of the rest.

    add_sd_base_proof   issuer    document                     -> document with base proof
    derive_sd_proof     holder    document with base proof     -> part of it, with derived proof
    verify_sd_proof     verifier  part of it, derived proof    -> nothing, or a refusal
"""

from schemas.ecdsa_sd.base import add_sd_base_proof
from schemas.ecdsa_sd.derive import derive_sd_proof
from schemas.ecdsa_sd.mandatory import badge_mandatory_pointers
from schemas.ecdsa_sd.verify import verify_sd_proof

__all__ = ["add_sd_base_proof", "badge_mandatory_pointers", "derive_sd_proof", "verify_sd_proof"]
