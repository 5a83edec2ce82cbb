from tests.cases.conftest import filed, filed_once, investigated, investigated_once, opened, opened_once
from tests.cases.staging import module_bureau
from tests.publication.conftest import bureau, snapshot

__all__ = [
    "bureau",
    "filed",
    "filed_once",
    "investigated",
    "investigated_once",
    "module_bureau",
    "opened",
    "opened_once",
    "snapshot",
]
