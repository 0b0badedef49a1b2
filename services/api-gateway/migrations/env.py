"""Alembic's entry: migrates schema gateway as the service's own role."""

from alembic import context

from common.db.migrating import run_env

run_env(context)
