"""What the log is kept in: rows for the leaves, files for what everybody reads, a head and a key beside them."""

from issuer.store.log.files import LogFiles
from issuer.store.log.heads import HeadStore, WitnessWord
from issuer.store.log.opened import AcademyLog, LogKey, LogWatch, open_log
from issuer.store.log.rows import LogRows, LogState, begin_rows

__all__ = [
    "AcademyLog",
    "HeadStore",
    "LogFiles",
    "LogKey",
    "LogRows",
    "LogState",
    "LogWatch",
    "WitnessWord",
    "begin_rows",
    "open_log",
]
