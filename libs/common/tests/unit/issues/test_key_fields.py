from common.issues.key_fields import keys_in_fields, without_hidden

EPIC = {"id": "customfield_1", "display": "HID-7"}
PICKED = {"id": "customfield_2", "display": "OPEN-1, HID-8"}
TEXT = {"id": "customfield_3", "display": "see HID-9"}
CHARSET = {"id": "customfield_4", "display": "UTF-8"}
EMPTY = {"id": "customfield_5", "display": None}


def test_fields_that_are_keys_are_left_out_when_one_of_them_is_hidden() -> None:
    fields = [EPIC, PICKED, TEXT, CHARSET, EMPTY]
    assert keys_in_fields(fields) == {"HID-7", "OPEN-1", "HID-8", "UTF-8"}
    assert without_hidden(fields, {"HID-7"}) == [PICKED, TEXT, CHARSET, EMPTY]
    assert without_hidden(fields, {"HID-8", "HID-9"}) == [EPIC, TEXT, CHARSET, EMPTY]
