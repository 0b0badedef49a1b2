"""Alembic's door: migrates schema `auth` as the service's own role."""

from alembic import context

from common.db.migrating import run_env

run_env(context)
