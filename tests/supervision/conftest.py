from tests.cases.conftest import filed, filed_once, investigated, investigated_once, opened, opened_once
from tests.cases.staging import module_bureau

__all__ = [
    "filed",
    "filed_once",
    "investigated",
    "investigated_once",
    "module_bureau",
    "opened",
    "opened_once",
]
