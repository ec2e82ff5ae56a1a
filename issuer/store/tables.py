"""All tables. What counts is the journal; those for lists and look-ups are derived from it (docs/adr/0003)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMING)

# Times are texts in UTC such as 2026-05-03T10:00:00+00:00: they sort as they should and read back exactly.
_TIME = String(32)
_ID = String(40)
_EVENT_ID = String(64)
_COUNT = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER key counts by itself in SQLite

settings = Table(
    "settings",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

journal = Table(
    "journal",
    METADATA,
    Column("stream", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("at", _TIME, nullable=False),
    Column("actor", _ID),
    Column("data", Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

texts = Table(
    "texts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("stream", String(80), nullable=False, index=True),
    Column("author", _ID),
    Column("value", Text),
    Column("salt", LargeBinary),
    Column("digest", String(80), nullable=False),
)

files = Table(
    "files",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("stream", String(80), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

members = Table(
    "members",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", String(254), nullable=False, unique=True),
    Column("time_zone", String(60), nullable=False, server_default="UTC"),
    Column("created_at", _TIME, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

links = Table(
    "links",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", _ID, ForeignKey("members.id"), nullable=False, index=True),
    Column("next_path", Text, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("used_at", _TIME),
    Column("seal", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", _ID, ForeignKey("members.id"), nullable=False, index=True),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("passkey_id", _ID),
    Column("seal", LargeBinary, nullable=False),
)

mails = Table(
    "mails",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("recipient", String(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("topic", String(80), nullable=False),
    Column("at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", _TIME),
    Index("ix_mails_waiting", "sent_at", "due_at"),
    Index("ix_mails_topic", "topic", "recipient"),
)

circles = Table(
    "circles",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("slug", String(60), nullable=False, unique=True),
    Column("kind", String(20), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("aim", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("parent_id", _ID, ForeignKey("circles.id"), index=True),
)

memberships = Table(
    "memberships",
    METADATA,
    Column("circle_id", _ID, ForeignKey("circles.id"), primary_key=True),
    Column("member_id", _ID, ForeignKey("members.id"), primary_key=True, index=True),
)

badges = Table(
    "badges",
    METADATA,
    Column("slug", String(60), primary_key=True),
    Column("version", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("skill", Text, nullable=False),
    Column("level", String(20), nullable=False),
    Column("bundle", Text, nullable=False),
)

applications = Table(
    "applications",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("applicant_id", _ID, ForeignKey("members.id"), nullable=False),
    Column("badge", String(60), nullable=False),
    Column("circle_id", _ID, ForeignKey("circles.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("process_id", _ID),
    Column("at", _TIME, nullable=False),
    Index("ix_applications_circle", "circle_id", "state", "at"),
    Index("ix_applications_applicant", "applicant_id", "at"),
)

witnesses = Table(
    "witnesses",
    METADATA,
    Column("application_id", _ID, primary_key=True),
    Column("member_id", _ID, primary_key=True, index=True),
    Column("state", String(20), nullable=False),
)

processes = Table(
    "processes",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("circle_id", _ID, nullable=False),
    Column("subject", String(80), nullable=False),
    Column("concerned", _ID),
    Column("phase", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("due_at", _TIME),
    Column("closed_at", _TIME),
    Column("meeting_code", String(12), unique=True),
    Column("erased", Boolean, nullable=False, server_default=false()),
    Column("padded", Boolean, nullable=False, server_default=false()),
    Index("ix_processes_due", "due_at"),
    Index("ix_processes_erased", "erased", "closed_at"),
    Index("ix_processes_padded", "padded", "closed_at"),
    Index("ix_processes_circle", "circle_id", "phase"),
    Index("ix_processes_kind", "kind", "closed_at"),
)

participants = Table(
    "participants",
    METADATA,
    Column("process_id", _ID, primary_key=True),
    Column("member_id", _ID, primary_key=True),
    Column("decides", Boolean, nullable=False),
    Column("running", Boolean, nullable=False),
    Index("ix_participants_member", "member_id", "running"),
)

records = Table(
    "records",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("root", String(80), nullable=False),
    Column("signature", Text, nullable=False),
    Column("record_key", String(80), nullable=False),
    Column("leaves", Text, nullable=False),
    Column("sealed_at", _TIME, nullable=False),
)

awards = Table(
    "awards",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("holder_id", _ID, nullable=False),
    Column("badge", String(60), nullable=False),
    Column("credential_id", _ID, nullable=False, unique=True),
    Column("process_id", _ID, nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("intent", Text, nullable=False),
    Column("status_list", Integer, nullable=False),
    Column("status_index", Integer, nullable=False),
    Column("at", _TIME, nullable=False),
    UniqueConstraint("status_list", "status_index"),
    Index("ix_awards_holder", "holder_id", "badge"),
    Index("ix_awards_state", "state"),
    Index("ix_awards_badge", "badge", "state"),
)

credentials = Table(
    "credentials",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("award_id", _ID, nullable=False, unique=True),
    Column("json", Text, nullable=False),
    Column("jwt", Text, nullable=False),
)

status_lists = Table(
    "status_lists",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("used", Integer, nullable=False),
    Column("credential", Text),
    Column("signed_at", _TIME),
)

# `number` keeps the order in which leaves came; `seq` is a leaf's place in the log, empty while it waits.
outbox = Table(
    "outbox",
    METADATA,
    Column("number", _COUNT, primary_key=True, autoincrement=True),
    Column("event_id", _EVENT_ID, nullable=False, unique=True),
    Column("leaf", Text, nullable=False),
    Column("hash", String(80), nullable=False, unique=True),
    Column("at", _TIME, nullable=False),
    Column("seq", BigInteger, unique=True),
    Index("ix_outbox_waiting", "number", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")),
)

# One row: how far the leaves have places (size, root, right edge), and how far the tile files are written.
log_state = Table(
    "log_state",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("tiled_size", BigInteger, nullable=False),
    Column("tiled_edge", LargeBinary, nullable=False),
)

passkeys = Table(
    "passkeys",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("member_id", _ID, ForeignKey("members.id"), nullable=False, index=True),
    Column("credential_id", String(1400), nullable=False, unique=True),  # base64url of at most 1,023 bytes
    Column("public_key", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("added_at", _TIME, nullable=False),
    Column("used_at", _TIME),
    Column("seal", LargeBinary, nullable=False),
)

passkey_bindings = Table(
    "passkey_bindings",
    METADATA,
    Column("decision", String(300), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("member_id", _ID, ForeignKey("members.id"), primary_key=True, index=True),
    Column("passkey_id", _ID, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("assertion", Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

spent_challenges = Table(
    "spent_challenges",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", _TIME, nullable=False, index=True),
)
