"""Cards: templates, their generator, and the finished cards of the demo benchmark and the shipped models."""
