"""The language switch: Django's own view, outside every face.

Without a token, so that a public page is the same for every reader and may be kept: all that another
site could do with it is to choose the language for a reader.
"""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

urlpatterns = [path("set/", csrf_exempt(set_language), name="set_language")]
