"""A developer's machine and `./run`: everything on, nothing public."""

from config.settings.base import *

DEBUG = False
