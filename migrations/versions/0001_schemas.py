"""A schema a group, each open to its own role only; `identity` holds the look-ups that every group may make."""

from alembic import op

revision = "0001"
down_revision = None

GROUPS = ("auth", "money", "posts", "analytics")


def upgrade() -> None:
    for group in GROUPS:
        op.execute(f"CREATE SCHEMA {group}")
        op.execute(f"GRANT USAGE ON SCHEMA {group} TO artel_{group}")
    op.execute("CREATE SCHEMA identity")
    op.execute(f"GRANT USAGE ON SCHEMA identity TO {', '.join(f'artel_{g}' for g in GROUPS)}")


def downgrade() -> None:
    for schema in (*GROUPS, "identity"):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
