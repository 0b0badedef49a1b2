"""Which new passwords are taken, and that the same keys give the same password everywhere."""

import unicodedata

import pytest

from auth.domain.common_passwords import common_passwords
from auth.domain.errors import WeakPassword
from auth.domain.passwords import MAX_LENGTH, MIN_LENGTH, check_new_password, random_password
from auth.outbound.passwords import Argon2Passwords

WHO = ("maria.petrova@example.com", "Maria Petrova", "Acme Corporation")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "owner-password-123",
        "хороший длинный пароль",
        "tr0ub4dor&3 yes",
        "maria likes green tea",
        "日本語のとても長いパスワード",
        "👍🏽 six thumbs up 👍🏽",
        "x" * 3 + "kd83hTq0_Lw",
    ],
)
def test_a_long_password_of_ones_own_is_taken(password):
    check_new_password(password, *WHO)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaa",
        "123456789012",
        "abcdefghijklmn",
        "qwertyuiop[]",
        "йцукенгшщзхъ",
        "zyxwvutsrqponm",
        "abcabcabcabcabc",
        "qwerty123456789",
        "1qaz1qaz1qaz1qaz",
        "passwordpassword",
        "Password1234567",
        "P@ssw0rd!2024",
        "dragon!!!!!!99",
        "iloveyou123456",
        "maria.petrova@example.com",
        "petrova-maria-1",
        "AcmeCorporation1",
        "Maria1987!!!!!",
    ],
)
def test_a_password_that_others_try_first_is_refused(password):
    with pytest.raises(WeakPassword):
        check_new_password(password, *WHO)


def test_every_whole_entry_of_the_list_is_refused_in_any_case():
    whole, words = common_passwords()
    assert len(whole) > 300
    assert len(words) > 3_000
    for entry in whole:
        for form in (entry, entry.upper()):
            with pytest.raises(WeakPassword):
                check_new_password(form, "x@example.com")


def test_length_is_counted_in_code_points_of_the_normal_form():
    decomposed = unicodedata.normalize("NFD", "ёлка ждёт")  # 9 code points that are written as 11
    with pytest.raises(WeakPassword):
        check_new_password(decomposed + "12", *WHO)
    check_new_password(decomposed + "129", *WHO)
    long = "".join(chr(0x4E00 + 7 * number) for number in range(MAX_LENGTH))
    check_new_password(long, *WHO)
    with pytest.raises(WeakPassword):
        check_new_password(long + "x", *WHO)


def test_a_made_up_password_is_always_taken():
    for _ in range(200):
        assert len(random_password()) >= MIN_LENGTH
        check_new_password(random_password(), *WHO)


@pytest.fixture
def argon2():
    passwords = Argon2Passwords(threads=1, queue=4)
    yield passwords
    passwords.close()


async def test_the_same_password_typed_in_another_normal_form_is_right(argon2):
    stored = await argon2.hash(unicodedata.normalize("NFD", "тёплый чай йогурт"))
    assert (await argon2.check(unicodedata.normalize("NFC", "тёплый чай йогурт"), stored)).ok
    assert not (await argon2.check("теплый чай йогурт", stored)).ok


async def test_a_hash_from_before_the_normal_form_still_opens_and_is_made_anew(argon2):
    typed = unicodedata.normalize("NFD", "тёплый чай йогурт")
    old = argon2._hasher.hash(typed)
    checked = await argon2.check(typed, old)
    assert checked.ok
    assert checked.rehashed is not None
    assert (await argon2.check(unicodedata.normalize("NFC", typed), checked.rehashed)).ok


async def test_nobodys_password_is_never_right(argon2):
    assert not (await argon2.check("nobody has this password", None)).ok
