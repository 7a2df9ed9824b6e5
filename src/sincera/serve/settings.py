"""Every setting of the service: options of the command first, then the environment, then these defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sincera.errors import UsageError

MIB = 1 << 20
PREFIX = "SINCERA_"


class ServiceSettings(BaseSettings):
    """What the service reads; each field may be set as SINCERA_NAME in the environment.

    model: a model file, None for the shipped one.  threads: of the networks.
    largest: judge the largest face where there are several.  queue: requests that may wait beside those being judged;
    one more is answered 503.  batch: requests judged together.
    max_mib: size of a body.  max_pixels: width × height of a picture or frame, read from the header before decoding.
    max_seconds, max_frames: length of a video, counted by its packets.  time_limit: seconds from the first byte to the
    answer.  grace: seconds that SIGTERM leaves to what runs.
    keys: API keys, separated by commas; keys_file: one a line, `#` for remarks.  Without both, everybody may ask.
    page: whether `/` shows the page.

    >>> ServiceSettings(queue=4).queue
    4
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", allow_inf_nan=False)

    model: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    threads: int = Field(default=1, ge=1)
    largest: bool = False
    queue: int = Field(default=16, ge=1)
    batch: int = Field(default=8, ge=1)
    max_mib: float = Field(default=20.0, gt=0)
    max_pixels: int = Field(default=40_000_000, ge=1)
    max_seconds: float = Field(default=20.0, gt=0)
    max_frames: int = Field(default=1200, ge=1)
    time_limit: float = Field(default=30.0, gt=0)
    grace: float = Field(default=30.0, ge=0)
    keys: SecretStr | None = None
    keys_file: Path | None = None
    page: bool = True
    access_log: bool = False

    @property
    def max_bytes(self) -> int:
        """Size of a body in bytes."""
        return int(self.max_mib * MIB)


def read_settings(**options: Any) -> ServiceSettings:
    """The settings, with the options that are not None before the environment.

    Raises UsageError in one sentence where a value does not fit.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return ServiceSettings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        source = f"--{name.replace('_', '-')}" if name in given else f"{PREFIX}{name.upper()}"
        found = f"{first['msg']}; found {first['input']!r}"
        raise UsageError(f"{source}: {found}. Mend the option or the variable.") from error
