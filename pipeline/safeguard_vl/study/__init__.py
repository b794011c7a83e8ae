"""What tuning does to a guardrail: the published findings asked again at a small scale, with intervals."""
