"""All concerns together; each lives in the file named after it."""

from config.settings.apps import *
from config.settings.databases import *
from config.settings.identity import *
from config.settings.language import *
from config.settings.log import *
from config.settings.security import *
from config.settings.storage import *
from config.settings.templates import *

from config.settings.sso import *  # isort: skip — adds to what the others set
