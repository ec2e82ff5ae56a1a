"""A small site with the real scripts under the real policy for content: pages with forms, and what they sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

import waitress
from flask import Flask, Response, request

from issuer.web.security import ASSETS, HEADERS, STATIC

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<link rel="stylesheet" href="/assets/academy.css"><link rel="stylesheet" href="/assets/statements/statements.css">
<script src="/assets/academy.js" defer></script>
<script type="module" src="/assets/statements/forms.js"></script>
<script type="module" src="/assets/statements/check.js"></script>
<body><main>{body}</main></body></html>"""


@dataclass(slots=True)
class Site:
    """Where it runs, the pages and files to serve, and every form and every request for a passkey that came in."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    came: list[dict[str, str]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    def attribute(self, value: Any) -> str:
        """A value as it stands in an attribute with single quotes."""
        return escape(value if isinstance(value, str) else json.dumps(value), quote=True)

    def put(self, path: str, body: str) -> str:
        """Serve a page; return its address."""
        self.pages[path] = PAGE.format(body=body)
        return self.base + path


@contextmanager
def running() -> Iterator[Site]:
    site = Site()
    app = Flask("scripts-under-test", static_folder=str(STATIC), static_url_path=ASSETS)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = HEADERS["Content-Security-Policy"]
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/favicon.ico")
    def icon() -> tuple[str, int]:
        return "", 204

    @app.get("/<path:path>")
    def page(path: str) -> Response:
        if f"/{path}" in site.files:
            return Response(site.files[f"/{path}"], mimetype="application/octet-stream")
        found = site.pages.get(f"/{path}")
        return Response(found or "", status=200 if found else 404, mimetype="text/html")

    @app.post("/send")
    def send() -> str:
        site.came.append(request.form.to_dict())
        return "<!doctype html><html lang=en><title>Sent</title><main>Thank you</main>"

    @app.post("/passkeys/bind/begin")
    def bind() -> dict[str, str]:
        site.asked.append(request.get_json())
        return {"assurance": "passkey"}

    server: Any = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    site.port = int(server.effective_port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.close()
        thread.join(timeout=10)
