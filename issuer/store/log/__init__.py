"""What the log is kept in: rows for the leaves, files for what everybody reads, a head and a key beside them."""

from issuer.store.log.files import LogFiles
from issuer.store.log.heads import HeadStore, WitnessWord
from issuer.store.log.opened import AcademyLog, LogKey, LogWatch, Post, no_network, open_log
from issuer.store.log.rows import LogRows, LogState, begin_rows

__all__ = [
    "AcademyLog",
    "HeadStore",
    "LogFiles",
    "LogKey",
    "LogRows",
    "LogState",
    "LogWatch",
    "Post",
    "WitnessWord",
    "begin_rows",
    "no_network",
    "open_log",
]
