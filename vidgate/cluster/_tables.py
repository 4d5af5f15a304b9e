"""The tables of the journal in PostgreSQL; they stand beside those of Procrastinate."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION: Final = 2
"""Of the tables; a higher one in the database was written by a newer vidgate."""

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "ALTER TABLE vidgate_submissions ADD COLUMN nonce_hash TEXT",
        "ALTER TABLE vidgate_submissions ADD COLUMN holder TEXT",
        "ALTER TABLE vidgate_submissions ADD COLUMN held_until DOUBLE PRECISION",
        "CREATE INDEX vidgate_submissions_nonce ON vidgate_submissions (nonce_hash)",
    ),
)
"""What leads from version 1 to 2, and so on. New tables are not in here: they are made where they are missing."""

METADATA: Final = MetaData()

FACTS: Final = Table(
    "vidgate_facts",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

SUBMISSIONS: Final = Table(
    "vidgate_submissions",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("submit_id", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("model", Text),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("request", LargeBinary),
    Column("state", Text, nullable=False),
    Column("task_id", Text),
    Column("status", Text, nullable=False, server_default=""),
    Column("credits_reserved", Double),
    Column("links_expire", Double),
    Column("error", Text, nullable=False, server_default=""),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("batch", Text),
    Column("item", Text),
    Column("nonce_hash", Text),
    Column("holder", Text),
    Column("held_until", Double),
)

Index("vidgate_submissions_key", SUBMISSIONS.c.idempotency_key)
Index("vidgate_submissions_task", SUBMISSIONS.c.task_id)
Index("vidgate_submissions_nonce", SUBMISSIONS.c.nonce_hash)
# The rule that an item is submitted once, as the database itself sees it.
Index(
    "vidgate_submissions_item",
    SUBMISSIONS.c.batch,
    SUBMISSIONS.c.item,
    SUBMISSIONS.c.provider,
    SUBMISSIONS.c.base_url,
    SUBMISSIONS.c.account,
    unique=True,
    postgresql_where=SUBMISSIONS.c.batch.is_not(None) & (SUBMISSIONS.c.state != "rejected"),
)

FILES: Final = Table(
    "vidgate_files",
    METADATA,
    Column("submission", BigInteger, ForeignKey(SUBMISSIONS.c.number), nullable=False),
    Column("result", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("bytes", BigInteger),
    Column("saved", Double, nullable=False),
    UniqueConstraint("submission", "result", name="vidgate_files_result"),
)

CALLBACKS: Final = Table(
    "vidgate_callbacks",
    METADATA,
    Column("nonce_hash", Text, primary_key=True),
    Column("task_id", Text, primary_key=True),
    Column("verdict", Text, primary_key=True),
    Column("heard", Double, nullable=False),
)
