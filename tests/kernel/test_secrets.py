"""Personal data at rest: a stolen dump reads nothing, a look-up still finds."""

import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import secrets

PLAIN = "居民身份证 360426199101010071"


@given(st.text())
def test_sealed_text_comes_back_and_empty_stays_empty(text: str) -> None:
    assert secrets.unseal(secrets.seal(text)) == text
    assert secrets.seal("") == ""


def test_the_same_text_is_never_sealed_alike() -> None:
    assert secrets.seal(PLAIN) != secrets.seal(PLAIN)


def test_fingerprints_are_equal_for_equal_text_only() -> None:
    assert secrets.fingerprint(PLAIN) == secrets.fingerprint(PLAIN)
    assert secrets.fingerprint(PLAIN) != secrets.fingerprint(PLAIN + " ")
    assert secrets.fingerprint("") == ""


def test_another_key_opens_nothing(settings: object) -> None:
    sealed, print_ = secrets.seal(PLAIN), secrets.fingerprint(PLAIN)
    settings.DATA_KEY = "11" * 32  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="数据密钥"):
        secrets.unseal(sealed)
    assert secrets.fingerprint(PLAIN) != print_


def test_an_altered_byte_is_noticed() -> None:
    sealed = secrets.seal(PLAIN)
    altered = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(ValueError, match="数据密钥|Incorrect padding"):
        secrets.unseal(altered)


@pytest.mark.django_db(databases="__all__")
def test_a_raw_dump_holds_no_plain_text() -> None:
    """Write through a sealed column, read the table as a thief would."""
    field = secrets.SealedTextField()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE sealed_sample (body text)")
        cursor.execute("INSERT INTO sealed_sample VALUES (%s)", [field.get_db_prep_save(PLAIN, connection)])
        cursor.execute("SELECT body FROM sealed_sample")
        raw = cursor.fetchone()[0]
        cursor.execute("DROP TABLE sealed_sample")
    assert "360426199101010071" not in raw and "居民" not in raw
    assert field.from_db_value(raw, None, connection) == PLAIN
    assert isinstance(field, models.TextField)
