"""Readers for local copies of published sets, and the figures their authors compute."""
