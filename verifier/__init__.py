"""Anyone's side: check an Open Badge without asking the Academy. Needs neither Flask nor a database."""

from verifier.fetch import DocumentsFetcher, Fetched, Fetcher, HTTPSFetcher, LimitedFetcher, NoFetcher, OwnFetcher
from verifier.guarded import FetchError
from verifier.policy import Policy, load_policy, parse_policy
from verifier.presentation import PresentationReport, verify_presentation
from verifier.read import Presented, read_badge, read_document
from verifier.report import CHECK_IDS, Check, Report
from verifier.seen import SeenLists
from verifier.verify import verify_badge

__all__ = [
    "CHECK_IDS",
    "Check",
    "DocumentsFetcher",
    "FetchError",
    "Fetched",
    "Fetcher",
    "HTTPSFetcher",
    "LimitedFetcher",
    "NoFetcher",
    "OwnFetcher",
    "Policy",
    "PresentationReport",
    "Presented",
    "Report",
    "SeenLists",
    "load_policy",
    "parse_policy",
    "read_badge",
    "read_document",
    "verify_badge",
    "verify_presentation",
]
