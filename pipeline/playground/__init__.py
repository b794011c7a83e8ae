"""A local page to try a guardrail on a picture under several policies, side by side."""
