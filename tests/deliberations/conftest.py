from tests.cases.conftest import concluded, concluded_once
from tests.cases.staging import module_bureau

__all__ = ["concluded", "concluded_once", "module_bureau"]
