"""Tiny random checkpoints of the real architectures, built from configurations and saved to a folder."""
