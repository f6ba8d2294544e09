"""The shipped proxy configuration in a real nginx, before real processes and a real browser."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml
from playwright.sync_api import Page, expect
from sqlmodel import Session

from db.session import write
from deploy.healthcheck import open_session
from services import demo
from services.clock import utc_day, utc_now
from settings import PROJECT_ROOT
from tests.support.actors import TESTER
from tests.support.dns import name_server
from tests.support.ports import free_port

pytestmark = pytest.mark.e2e

DEADLINE = 60.0
POLICY = "Content Security Policy"
TRIES = 3
REPLICAS = ("127.0.0.1", "127.0.0.2")
PROXY = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"]["proxy"]
AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/default.conf;
}}
"""


@dataclass
class Stack:
    """What runs, and where."""

    dashboard: str
    api: str
    upstream: str
    replicas: dict[str, "subprocess.Popen[bytes]"]
    logs: dict[str, Path]


@pytest.fixture
def stack(server_env: dict[str, str], engine: object, tmp_path: Path) -> Iterator[Stack]:
    """Two APIs, a dashboard and nginx, on a small portfolio."""

    def portfolio(session: Session) -> None:
        demo.load(session, by=TESTER, customers=12, days=60, as_of=utc_day(utc_now()))

    write(portfolio)
    api, app, public_dashboard, public_api = (free_port() for _ in range(4))
    serve = [sys.executable, "-m", "api", f"--port={api}"]
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={app}"]
    limits = {"TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMIT_FAILED": f"{TRIES}/minute"}
    telling = {**server_env, "LOG_LEVEL": "info", **limits}
    with ExitStack() as running:
        logs = {host: tmp_path / f"{host}.log" for host in REPLICAS}
        replicas = {
            host: running.enter_context(child([*serve, f"--host={host}"], telling, logs[host]))
            for host in REPLICAS
        }
        running.enter_context(
            child([*streamlit, "--server.address=127.0.0.1"], server_env, tmp_path / "app.log")
        )
        for host in REPLICAS:
            until_answers(f"http://{host}:{api}/health/ready")
        until_answers(f"http://127.0.0.1:{app}/_stcore/health")
        until(lambda: open_session(f"http://127.0.0.1:{app}"), "the dashboard")
        dns = running.enter_context(name_server({"api": REPLICAS, "app": REPLICAS[:1]}))
        values = {
            "DASHBOARD_LISTEN": f"127.0.0.1:{public_dashboard}",
            "API_LISTEN": f"127.0.0.1:{public_api}",
            "DASHBOARD_UPSTREAM": f"app:{app}",
            "API_UPSTREAM": f"api:{api}",
            "DNS_RESOLVER": f"127.0.0.1:{dns}",
            "DASHBOARD_AUTH": "",
        }
        assert set(values) == set(PROXY["environment"])
        running.enter_context(nginx(tmp_path, values))
        until_answers(f"http://127.0.0.1:{public_api}/health")
        yield Stack(
            f"http://127.0.0.1:{public_dashboard}",
            f"http://127.0.0.1:{public_api}",
            f"http://127.0.0.1:{api}",
            replicas,
            logs,
        )


@contextmanager
def nginx(folder: Path, values: dict[str, str]) -> Iterator[None]:
    """The shipped template, filled in as the image's start script does, in Debian's nginx."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    assert program, "nginx is missing: apt-get install nginx-light"
    template = (PROJECT_ROOT / PROXY["volumes"][0].split(":")[0]).read_text()
    filled = re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], template)
    (folder / "default.conf").write_text(filled)
    # Else root's workers change to an account that can't enter the test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with child(command, dict(os.environ), folder / "nginx.log"):
        yield


@contextmanager
def child(
    command: list[str], env: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=env, cwd=PROJECT_ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=DEADLINE)


def until_answers(url: str) -> None:
    until(lambda: httpx.get(url, timeout=5).raise_for_status(), url)


def until(succeeds: Callable[[], object], what: str) -> None:
    """Returns once it succeeds; a busy machine may take a while to get there."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            succeeds()
            return
        except Exception:
            assert time.monotonic() < deadline, f"{what} is not ready"
        time.sleep(0.1)


def test_dashboard_and_api_are_one_origin_for_a_browser(stack: Stack, visit: Page) -> None:
    """The page, its websocket and a call of /api all come through the proxy."""
    best = httpx.get(f"{stack.dashboard}/api/customers?sort=-overall_score&limit=1").json()[0]
    sockets: list[str] = []
    visit.on("websocket", lambda socket: sockets.append(socket.url))
    visit.goto(stack.dashboard)
    expect(visit.get_by_role("heading", name="Start here")).to_be_visible()
    assert sockets == [stack.dashboard.replace("http", "ws") + "/_stcore/stream"]
    name = visit.evaluate(
        "async () => (await (await fetch('/api/customers?sort=-overall_score')).json())[0].name"
    )
    assert name == best["name"]
    visit.goto(f"{stack.dashboard}/customer?id={best['id']}")
    expect(visit.get_by_role("heading", name=best["name"])).to_be_visible()


def test_api_through_both_ports_compressed_and_in_its_own_words(stack: Stack) -> None:
    for base in (stack.dashboard, stack.api):
        answer = httpx.get(
            f"{base}/api/v1/customers?churned=any", headers={"Accept-Encoding": "gzip"}
        )
        assert answer.status_code == 200
        assert len(answer.json()) == 12
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        missing = httpx.get(f"{base}/api/customers/999999999")
        assert missing.status_code == 404
        assert missing.headers["Content-Type"] == "application/problem+json"
        large = httpx.post(
            f"{base}/api/customers",
            content=b'"' + b"x" * 6_000_000 + b'"',
            headers={"Content-Type": "application/json"},
            timeout=30,
        )
        assert large.status_code == 413
        assert large.headers["Content-Type"] == "application/problem+json"
    assert httpx.get(f"{stack.api}/health").json() == {"status": "ok"}
    assert httpx.get(f"{stack.dashboard}/openapi.json").json()["openapi"]


def test_every_page_works_under_its_content_policy(stack: Stack, visit: Page) -> None:
    refused: list[str] = []
    visit.on("console", lambda line: refused.append(line.text) if POLICY in line.text else None)
    customer = httpx.get(f"{stack.dashboard}/api/customers?limit=1").json()[0]
    headings = {
        "": "Start here",
        "customers": "Customers",
        f"customer?id={customer['id']}": customer["name"],
        "record-event": "Record event",
        "import": "Import",
        "scoring-model": "What it would do",
        "validation": "Does it predict churn?",
        "api-keys": "Keys in use",
        "audit-log": "Audit log",
    }
    for path, heading in headings.items():
        answer = visit.goto(f"{stack.dashboard}/{path}")
        assert answer
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        expect(visit.get_by_role("heading", name=heading).first).to_be_visible()
        expect(visit.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    assert refused == []
    # The policy is in force: what it doesn't allow is refused, and said.
    visit.evaluate("() => { new Image().src = 'https://elsewhere.example/x.png' }")
    visit.wait_for_function("() => true")
    visit.evaluate("async () => { try { await fetch('https://elsewhere.example/') } catch {} }")
    assert refused


def test_links_to_the_next_page_lead_through_the_proxy(stack: Stack) -> None:
    first = httpx.get(f"{stack.dashboard}/api/customers?limit=4")
    following = httpx.URL(first.url).join(first.links["next"]["url"])
    assert f"{following.scheme}://{following.netloc.decode()}" == stack.dashboard
    assert len(httpx.get(following).json()) == 4


def test_no_client_is_taken_for_another_because_it_says_so(stack: Stack) -> None:
    """Neither through the proxy nor past it: keys can't be tried out under many addresses."""
    replica = re.sub(r"//[^:]+", "//127.0.0.2", stack.upstream)
    for base, processes in ((stack.api, len(REPLICAS)), (stack.dashboard, 0), (replica, 0)):
        with coming_from("127.0.0.9", base) as client:
            answers = [
                client.get(
                    "/api/customers",
                    headers={"X-API-Key": "wrong", "X-Forwarded-For": f"198.51.100.{number}"},
                ).status_code
                for number in range(12)
            ]
        assert answers.count(401) <= processes * TRIES
        assert answers.count(429) == 12 - answers.count(401)
    with coming_from("127.0.0.8", stack.api) as neighbour:
        assert neighbour.get("/api/customers", headers={"X-API-Key": "wrong"}).status_code == 401


def coming_from(address: str, base: str) -> httpx.Client:
    return httpx.Client(base_url=base, transport=httpx.HTTPTransport(local_address=address))


def test_pages_that_only_look_like_the_api_are_the_dashboards(stack: Stack) -> None:
    assert "text/html" in httpx.get(f"{stack.dashboard}/apiary").headers["Content-Type"]
    script = re.search(r'src="\.?(/?static/js/[^"]+\.js)"', httpx.get(stack.dashboard).text)
    assert script
    code = httpx.get(f"{stack.dashboard}/{script[1].lstrip('/')}")
    assert code.headers["Content-Encoding"] == "gzip"


def test_what_the_dashboards_server_counts_stays_inside(stack: Stack) -> None:
    for path in (
        "/_stcore/metrics",
        "/_stcore/metrics?x",
        "//_stcore/metrics",
        "/%5fstcore/metrics",
    ):
        answer = httpx.get(f"{stack.dashboard}{path}")
        assert "session_events" not in answer.text, path
    assert httpx.get(f"{stack.dashboard}/_stcore/health").text == "ok"


def test_the_proxys_log_tells_paths_and_no_queries(stack: Stack, tmp_path: Path) -> None:
    for place in (stack.dashboard, stack.api):
        assert httpx.get(f"{place}/api/customers", params={"q": "zoe-secret"}).is_success
    said = (tmp_path / "nginx.log").read_text()
    assert said.count(" GET /api/customers 200 ") == 2
    assert "zoe-secret" not in said


def test_requests_go_to_both_replicas_and_around_one_that_is_away(stack: Stack) -> None:
    def ask(marker: str) -> dict[str, int]:
        """How many of twenty requests each replica tells of."""
        for number in range(20):
            headers = {"X-Request-ID": f"{marker}-{number}"}
            answer = httpx.get(f"{stack.api}/api/customers", headers=headers, timeout=30)
            assert answer.status_code == 200
        return {host: log.read_text().count(f"{marker}-") for host, log in stack.logs.items()}

    assert min(ask("both").values()) > 0

    stack.replicas["127.0.0.2"].kill()
    stack.replicas["127.0.0.2"].wait(timeout=DEADLINE)
    assert ask("alone") == {"127.0.0.1": 20, "127.0.0.2": 0}
