import shutil
import stat

import pytest

from stack import layout
from stack.layout import RunDir, make_own_folder, run_dir_from_environment, write_private


@pytest.fixture(autouse=True)
def shared_place(tmp_path, monkeypatch):
    place = tmp_path / "shared"
    place.mkdir()
    monkeypatch.setattr(layout, "_SHARED_PLACE", place)
    return place


def run_dir(path):
    run = RunDir(path)
    run.make_folders()
    return run


def test_the_folder_beside_a_checkout_goes_when_the_checkout_has_gone(tmp_path, shared_place):
    gone, kept = run_dir(tmp_path / "gone"), run_dir(tmp_path / "kept")
    gone.make_outside()
    kept.make_outside()
    shutil.rmtree(gone.root)
    run_dir(tmp_path / "newer").make_outside()
    assert not gone.outside.exists()
    assert kept.outside.exists()
    assert len(list(shared_place.iterdir())) == 2


def test_a_folder_that_somebody_put_there_as_a_link_is_refused(tmp_path):
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="belongs to another user"):
        make_own_folder(tmp_path / "trap")


def test_a_private_file_replaces_an_open_one_and_is_never_readable_by_others(tmp_path):
    file = tmp_path / "secrets"
    file.write_text("old")
    file.chmod(0o666)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.new")) == []


@pytest.mark.parametrize(("given", "place"), [("", ".run"), ("x/y", "x/y"), ("/srv/run", "/srv/run")])
def test_the_run_directory_is_named_from_the_checkout(monkeypatch, given, place):
    monkeypatch.setenv("JIRA_EXPORT_RUN_DIR", given)
    assert run_dir_from_environment().root == layout.CHECKOUT / place
