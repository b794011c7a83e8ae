"""Prefect's server goes with a killed build; a build whose server is killed says so and is finished later."""

from __future__ import annotations

import httpx
import pytest

from pipeline.flow import telling_of_prefect


def test_prefect_starts_the_server_that_ends_with_us() -> None:
    prefect = pytest.importorskip("prefect.server.api.server")
    from pipeline.prefect_server import TemporaryServer

    assert TemporaryServer() is prefect.SubprocessASGIServer()


def test_a_lost_server_is_told_in_one_line_with_the_remedy() -> None:
    with pytest.raises(RuntimeError) as caught, telling_of_prefect():
        raise httpx.ConnectError("connection refused")
    assert str(caught.value) == (
        "Prefect's server is gone (connection refused); run the command again: it goes on where it stopped"
    )
