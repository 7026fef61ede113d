"""How an API function begins on Lambda."""

import gc
from importlib import import_module

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

TEXT = [*DEFAULT_TEXT_MIME_TYPES, "application/problem+json"]  # what is not named here goes over as base64


def entry(module: str) -> Mangum:
    """The handler for the `app` of this module.

    Importing makes a hundred thousand objects that all stay: looking through them for garbage in between took 5 % of a
    cold start (tests/bench/cold_start.py), and looking again later finds none either.
    """
    gc.disable()
    app = import_module(module).app
    handler = Mangum(app, lifespan="off", text_mime_types=TEXT)
    gc.enable()
    gc.freeze()
    return handler
