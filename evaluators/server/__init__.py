"""Asking a model that another process serves over HTTP."""
