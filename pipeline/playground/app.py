"""The playground's server: one page, its pictures, and one question at a time. It answers this machine only.

No request but a page's own can ask: the host must be a loopback name (so that no foreign site can point its
name here), and a question must be JSON, which no foreign page may send. The page loads nothing from
elsewhere, and its content security policy holds it to that.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..images import decode
from .asking import Playground, Verdict, Wanted, as_json

if TYPE_CHECKING:
    from PIL import Image

TEMPLATES = Path(__file__).with_name("templates")
REPORT_STYLE = Path(__file__).parents[2] / "bench" / "templates" / "report.css"
HOSTS = ["127.0.0.1", "localhost"]
MAX_BODY = 40 * 2**20
MAX_PIXELS = 40_000_000
MAX_POLICIES = 50
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' blob: data:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def make_app(playground: Playground) -> Starlette:
    """The application that serves `playground`."""
    page = _page(playground)
    style = REPORT_STYLE.read_text(encoding="utf-8") + (TEMPLATES / "playground.css").read_text(
        encoding="utf-8"
    )
    script = (TEMPLATES / "playground.js").read_text(encoding="utf-8")

    def picture(request: Request) -> Response:
        image_id = request.path_params["image_id"]
        if playground.benchmark is None or image_id not in playground.image_ids:
            return PlainTextResponse("no such picture", 404, HEADERS)
        data = playground.benchmark.image_bytes(image_id)
        return Response(data, 200, HEADERS, "image/png" if data.startswith(b"\x89PNG") else "image/webp")

    async def ask(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _refused("a question is JSON", 415)
        try:
            body = json.loads(await _body(request))
            verdicts = await run_in_threadpool(_answer, playground, body)
        except ValueError as error:
            return _refused(str(error), 400)
        return JSONResponse([as_json(verdict) for verdict in verdicts], 200, HEADERS)

    return Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(page, 200, HEADERS)),
            Route("/playground.css", lambda request: Response(style, 200, HEADERS, "text/css")),
            Route("/playground.js", lambda request: Response(script, 200, HEADERS, "text/javascript")),
            Route("/pictures/{image_id}", picture),
            Route("/ask", ask, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
    )


def _page(playground: Playground) -> str:
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    shown = playground.benchmark
    return env.get_template("playground.html.jinja").render(
        model=playground.guardrail.name,
        policies=playground.policies,
        title=shown.title if shown else "",
        pictures=[(image_id, shown.meta(image_id)) for image_id in playground.image_ids] if shown else [],
    )


async def _body(request: Request) -> bytes:
    """The request's body; ValueError as soon as it is longer than it may be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ValueError(
                f"the picture is larger than {MAX_BODY // 2**20} MB with everything; shrink it first"
            )
    return bytes(body)


def _answer(playground: Playground, body: object) -> tuple[Verdict, ...]:
    """Read the question and ask it. ValueError says what is wrong with it."""
    if not isinstance(body, Mapping):
        raise ValueError("a question is an object with a picture and policies")
    image_id = body.get("image_id", "")
    if image_id and image_id not in playground.image_ids:
        raise ValueError(f"picture {image_id!r} is not offered here")
    return playground.ask(_image(playground, body, image_id), _wanted(body.get("policies")), image_id)


def _image(playground: Playground, body: Mapping[str, object], image_id: str) -> Image.Image:
    from PIL import Image

    if image_id and playground.benchmark:
        return playground.benchmark.picture(image_id)
    data = body.get("image")
    if not isinstance(data, str) or not data:
        raise ValueError("choose a picture first")
    try:
        return Image.fromarray(decode(base64.b64decode(data, validate=True), max_pixels=MAX_PIXELS))
    except binascii.Error as error:
        raise ValueError("the picture did not arrive whole; choose it again") from error


def _wanted(policies: object) -> list[Wanted]:
    if not isinstance(policies, list) or len(policies) > MAX_POLICIES:
        raise ValueError(f"policies are a list of at most {MAX_POLICIES}")
    found = []
    for one in policies:
        if not (
            isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("text"), str)
        ):
            raise ValueError("a policy has an id and a text")
        found.append(Wanted(one["id"], one["text"]))
    return found


def _refused(reason: str, status: int) -> Response:
    return JSONResponse({"error": reason}, status, HEADERS)
