"""A number is given out once; a number whose work rolled back was never given out."""

import threading

import pytest
from django.db import connection, transaction

from mingzhi.kernel import numbers

pytestmark = pytest.mark.django_db(databases="__all__")


def test_numbers_follow_one_another_per_series() -> None:
    with transaction.atomic():
        assert [numbers.allot("甲"), numbers.allot("甲"), numbers.allot("乙"), numbers.allot("甲")] == [
            1,
            2,
            1,
            3,
        ]


def test_a_block_is_consecutive() -> None:
    with transaction.atomic():
        assert numbers.allot_block("甲", 10) == 1
        assert numbers.allot("甲") == 11


def test_rolled_back_work_gives_its_number_back() -> None:
    with transaction.atomic():
        assert numbers.allot("甲") == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        assert numbers.allot("甲") == 2
        raise RuntimeError("the work failed")
    with transaction.atomic():
        assert numbers.allot("甲") == 2


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_outside_a_transaction_no_number_is_given() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        numbers.allot("甲")


@pytest.mark.postgres
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_writers_side_by_side_never_get_the_same_number() -> None:
    got: list[int] = []

    def work() -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    got.append(numbers.allot("甲"))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 81))
