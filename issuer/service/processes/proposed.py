"""The exact bytes that people consent to, for those who take part (TRANSPARENCY.md, section 1)."""

from __future__ import annotations

from issuer.errors import NotFoundError
from issuer.service.academy import Work, query
from issuer.service.processes.steps import has_part, visible_process
from issuer.service.proposals import consented_bytes, read_proposal


@query
def proposal_bytes(work: Work, *, id_: str, version: int, reader: str) -> bytes:
    """Return what the consent digest of a version is of; raise NotFoundError for all who take no part."""
    process = visible_process(work, id_, reader).state
    found = next((one for one in process.versions if one.number == version), None)
    if found is None or not has_part(process, reader):
        raise NotFoundError("There is nothing here.")
    proposal = read_proposal(work, found.text)
    return consented_bytes(proposal, outcome=found.outcome, terms=found.terms, keys=found.keys)
