from tests.cases.conftest import concluded, concluded_once, heavy, heavy_once
from tests.cases.staging import module_bureau

__all__ = ["concluded", "concluded_once", "heavy", "heavy_once", "module_bureau"]
