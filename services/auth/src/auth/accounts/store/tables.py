"""Invitations, password resets and mails that wait; of every token only a hash is kept, a mail's text is sealed."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, LargeBinary, Table, Text, Uuid

from auth.store.tables import metadata, users

#: One for each address and tenant: a newer one takes the place of the older.
invitations = Table(
    "invitations",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("email", Text, primary_key=True),
    Column("invitation_id", Uuid, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Uuid),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="invitations_role"),
)

#: A reset is of a person and so belongs to no tenant; using one forgets all of the person's.
password_resets = Table(
    "password_resets",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

#: Mails that are not sent yet, with everything in them sealed; those of no tenant stand under the platform's id.
mails = Table(
    "mails",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("mail_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("master_key_id", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
