"""The error of a wrong option or file, apart so that commands which need no build need no pydantic."""


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names the field and what it takes."""
