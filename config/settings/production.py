"""A bureau's server: as base, and refuses to start unless `mingzhi check` is content."""

from config.settings.base import *

DEBUG = False
