"""Alembic's entry: migrates the schemas of jira-sync under its own role."""

from alembic import context

from common.db.migrating import run_env

run_env(context)
