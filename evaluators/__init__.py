"""Guardrails under test: one protocol, one adapter a file, and the runner that loses nothing."""
