"""The one error this package raises: a problem an operator can mend, with the remedy in its text."""

from __future__ import annotations


class AnnotationError(RuntimeError):
    """Names the value, the place and the remedy; a command line shows the text and exits non-zero."""
