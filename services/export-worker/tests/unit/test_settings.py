"""Limits that depend on each other."""

from datetime import timedelta

import pytest

from export_worker.settings import ExportSettings


def test_a_lease_that_heartbeats_could_miss_is_refused():
    with pytest.raises(ValueError, match="LEASE"):
        ExportSettings(lease=timedelta(seconds=4), heartbeat=timedelta(seconds=2))
    ExportSettings(lease=timedelta(seconds=6), heartbeat=timedelta(seconds=2))
