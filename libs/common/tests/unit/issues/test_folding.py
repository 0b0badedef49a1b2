from common.issues.folding import fold


def test_case_spaces_and_look_alikes_do_not_matter() -> None:
    assert fold(" In Progress ") == fold("in progress") == fold("IN PROGRESS")
    assert fold("Ｈigh") == "high"
    assert fold("СРОЧНО") == "срочно"


def test_different_names_stay_different() -> None:
    assert fold("done") != fold("doné")
