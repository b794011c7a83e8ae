"""SafeGuard-VL: the guardrail that is trained here, its data, its stages and the tiny model that ships."""
