"""Policies that moved stay found: redirects, stand-ins, stubs, shared policies and home pages of every kind.

Each row is a site in one archive, which pywb serves behind the proxy that imitates the Wayback Machine.
"""

from threading import Event

import pytest
from replay.archive import running_archive
from replay.generated import Response, redirect, write_responses

from extractor import load, read_jsonl
from extractor.cli import main
from extractor.run.collect import Job, PlanPreview, preview_plan, run_job, status, verify
from extractor.wayback import open_archive, read_targets

WORDS = (
    "This privacy policy says what {name} does with the personal information of those who visit our shop.",
    "We collect your name, your postal address and your e-mail address when you order from us, and we use them to send "
    "you what you ordered and to answer your questions about it.",
    "We share your address with the carrier that delivers your order. We do not sell or rent your personal information "
    "to third parties for their own marketing.",
    "We use cookies to remember what is in your basket. You may refuse cookies in the settings of your browser.",
    "You may ask us at any time which personal information we hold about you, and we will correct or delete it.",
)
ERROR = (
    b"<html><title>Page not found</title><h1>404 Not Found</h1><p>The page you asked for could not be found here.</p>"
)
WALL = (
    b"<html><title>Sign in</title><form><input type=password></form><p>Please sign in to your account to continue.</p>"
)


def policy(name: str) -> bytes:
    text = "".join(f"<p>{words.format(name=name)}</p>" for words in WORDS)
    return f"<html><head><title>Privacy policy</title></head><body><h1>Privacy policy</h1>{text}</body></html>".encode()


def home(links: str, charset: str = "utf-8") -> bytes:
    menu = "".join(f'<a href="/{name}">{name}</a> ' for name in ("products", "news", "jobs", "contact"))
    return f"<html><head><title>Shop</title></head><body>{menu}<p>Anvils.</p><div>{links}</div></body>".encode(charset)


# what a home page has -> the policy is at /pp.html, whose address tells nothing
HOME_PAGES = {
    "noframes": '<frameset rows="80,*"><frame src="/top"><noframes><a href="/pp.html">Privacy Policy</a></noframes></frameset>',
    "frames": '<frameset rows="80,*"><frame src="/main"></frameset>',
    "declared": '<link rel="privacy-policy" href="/pp.html">',
    "select": '<select onchange="location=this.value"><option value="/pp.html">Privacy Policy</option></select>',
    "button": '<form action="/pp.html"><input type=submit value="Privacy Policy"></form>',
    "map": '<map name=m><area shape=rect href="/pp.html" alt="Privacy Policy"></map>',
    "image": '<a href="/pp.html"><img src="/img/btn_privacy_policy.gif"></a>',
    "script-link": "<a href=\"javascript:openWin('/pp.html')\">Privacy Policy</a>",
    "script-click": "<a href=\"#\" onclick=\"window.open('/pp.html')\">Privacy Policy</a>",
    "script-function": "<script>function pp() { open('/pp.html') }</script><a href=\"#\" onclick=\"pp()\">Privacy Policy</a>",
    "script-write": '<script>document.write("<a href=\\"/pp.html\\">Privacy " + "Policy</a>")</script>',
    "script-menu": '<script>menu = [{"label": "Privacy Policy", "url": "/pp.html"}, {"label": "Terms", "url": "/t.html"}]</script>',
    "refresh": '<meta http-equiv="refresh" content="0; URL=/main">',
    "script-refresh": '<script>location.href = "/main"</script>',
    "british": '<a href="/pp.html">Data Protection</a>',
    "data-policy": '<a href="/pp.html">Data Policy</a>',
    "confidentiality": '<a href="/pp.html">Confidentiality Statement</a>',
    "session": '<a href="/pp.html;jsessionid=0123456789ABCDEF0123456789ABCDEF">Privacy Policy</a>',
}  # fmt: skip
WITHOUT_MENU = ("noframes", "frames", "refresh", "script-refresh")
CHARSETS = {
    "russian": ("windows-1251", "Политика конфиденциальности"),
    "japanese": ("shift_jis", "プライバシーポリシー"),
    "french": ("iso-8859-1", "Protection des données"),
}


def home_page_responses():
    for name, links in HOME_PAGES.items():
        page = f"<html><head>{links}</head></html>".encode() if name in WITHOUT_MENU else home(links)
        yield Response("20050401000000", f"http://{name}.example/", page)
        yield Response("20050401000000", f"http://{name}.example/main", home('<a href="/pp.html">Privacy Policy</a>'))
        yield Response("20050402000000", f"http://{name}.example/pp.html", policy(name))
    for name, (charset, text) in CHARSETS.items():
        page, header = home(f'<a href="/pp.html">{text}</a>', charset), f"text/html; charset={charset}"
        yield Response("20050401000000", f"http://{name}.example/", page, header)
        yield Response("20050402000000", f"http://{name}.example/pp.html", policy(name))


OLD, NEW = "http://moved.example/privacy", "http://moved.example/legal/pn"
RESPONSES = (
    *home_page_responses(),
    # a splash page, and a root that only redirects
    Response("20050401000000", "http://splash.example/", b'<html><body><a href="/main">Enter</a></body></html>'),
    Response("20050401000000", "http://splash.example/main", home('<a href="/pp.html">Privacy</a>')),
    Response("20050402000000", "http://splash.example/pp.html", policy("splash")),
    redirect("20050401000000", "http://root.example/", "http://root.example/en/index.html"),
    Response("20050401000000", "http://root.example/en/index.html", home('<a href="/pp.html">Privacy</a>')),
    Response("20050402000000", "http://root.example/pp.html", policy("root")),
    # a link with a script that names no address; a link to the home page itself
    Response("20050401000000", "http://hash.example/", home('<a href="#" onclick="show()">Privacy Policy</a>')),
    Response("20050402000000", "http://hash.example/privacy.html", policy("hash")),
    Response("20050401000000", "http://self.example/", home('<a href="#privacy">Privacy Policy</a>')),
    # the linked address redirects to the policy, and there is an article about privacy
    Response("20050401000000", "http://linked.example/", home('<a href="/go/pp">Privacy Policy</a>')),
    Response("20050402000000", "http://linked.example/blog/privacy", b"<html><h1>On privacy</h1><p>An article.</p>"),
    redirect("20050403000000", "http://linked.example/go/pp", "http://linked.example/docs/pp.html"),
    Response("20050403000000", "http://linked.example/docs/pp.html", policy("linked")),
    # a policy that moved, after years in which http:// redirected to https://
    *(Response(f"{year}0401000000", OLD, policy(f"old {year}")) for year in (2003, 2004)),
    *(redirect(f"{year}0410000000", OLD, OLD.replace("http:", "https:")) for year in (2003, 2004)),
    Response("20040801000000", OLD, policy("old 2004")),
    *(redirect(f"{year}0401000000", OLD, NEW) for year in (2005, 2006)),
    *(Response(f"{year}0405000000", NEW, policy(f"new {year}")) for year in (2005, 2006)),
    # http:// and https:// in one second
    redirect("20050401000000", "http://second.example/privacy", "https://second.example/privacy"),
    Response("20050401000000", "https://second.example/privacy", policy("second")),
    # the capture nearest the middle is no policy
    Response("20050201000000", "http://error.example/privacy", policy("error")),
    Response("20050401000000", "http://error.example/privacy", ERROR),
    Response("20050410000000", "http://error.example/privacy", ERROR),
    Response("20050401000000", "http://wall.example/privacy", WALL),
    Response("20050501000000", "http://wall.example/privacy", policy("wall")),
    Response("20050401000000", "http://empty.example/privacy", b""),
    redirect("20050501000000", "http://empty.example/privacy", "http://empty.example/docs"),
    Response("20050501000000", "http://empty.example/docs", policy("empty")),
    *(Response(f"20050{n}01000000", "http://gone.example/privacy", ERROR + bytes([n + 48])) for n in range(1, 7)),
    # stubs
    Response("20050401000000", "http://stub.example/p", b'<meta http-equiv="refresh" content="0;url=/docs/pp.html">'),
    Response("20050402000000", "http://stub.example/docs/pp.html", policy("stub")),
    Response("20050401000000", "http://frameset.example/p", b'<frameset><frame src="/nav"><frame src="/q"></frameset>'),
    Response("20050402000000", "http://frameset.example/nav", b"<a href=/>Home</a>"),
    Response("20050402000000", "http://frameset.example/q", policy("frameset")),
    *(Response("20050401000000", f"http://{name}.example/p", b'<iframe src="/q"></iframe>') for name in ("one", "two")),
    Response("20050402000000", "http://one.example/q", policy("one")),
    redirect("20050402000000", "http://two.example/q", "http://two.example/r"),
    Response("20050402000000", "http://two.example/r", policy("two")),
    # brands of one company
    *(
        Response("20050401000000", f"http://{name}.example/", home(f'<i>{name}</i><a href="http://parent.example/pp">Privacy</a>'))
        for name in ("brand-a", "brand-b")
    ),
    Response("20050402000000", "http://parent.example/pp", policy("parent")),
    # customers of a host of sites, and the host itself
    Response("20050401000000", "http://github.io/", home("")),
    Response("20050401000000", "http://acme.github.io/privacy", policy("customer")),
    Response("20050401000000", "http://hosting.example/", home("")),
    Response("20050401000000", "http://bob.hosting.example/privacy", policy("customer")),
    Response("20050401000000", "http://www.hosting.example/about/legal/privacy-policy.html", policy("hosting")),
)  # fmt: skip


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture(scope="module")
def warc_and_index(tmp_path_factory):
    return write_responses(tmp_path_factory.mktemp("moved"), "moved", RESPONSES)


@pytest.fixture(scope="module")
def server(warc_and_index, tmp_path_factory):
    with running_archive(*warc_and_index, tmp_path_factory.mktemp("pywb")) as front:
        yield front


@pytest.fixture(params=["server", "file"])
def archive(request, server, warc_and_index):
    server.reset()
    name = server.base if request.param == "server" else str(warc_and_index[0])
    return open_archive(name, rate=0, cdx_rate=0, connections=2)


def run(folder, archive, annotator, *targets, **settings):
    job = Job(tuple(read_targets(targets)), folder, archive_name="moved", **settings)
    summary = run_job(job, archive, annotator, stop=Event(), progress=lambda *_: None)
    assert list(verify(folder)) == []
    return summary, list(read_jsonl(folder / "policies.jsonl"))


def names(records) -> list[tuple[str, str]]:
    """The site of each usable record, and the name in its text."""
    return [(one.site, one.text.partition("what ")[2].partition(" does")[0]) for one in records if one.verdict.usable]


def test_run_finds_the_policy_of_each_kind_of_home_page(tmp_path, archive, annotator):
    kinds = [*HOME_PAGES, *CHARSETS, "splash", "root", "hash", "linked"]
    _, records = run(tmp_path, archive, annotator, *(f"{kind}.example" for kind in kinds))
    assert dict(names(records)) == {f"{kind}.example": kind for kind in kinds}


def test_captures_of_a_home_page_that_links_to_itself_are_none(tmp_path, archive):
    preview = PlanPreview()
    job = Job(tuple(read_targets(["self.example", "github.io"])), tmp_path)
    assert list(preview_plan(job, archive, preview)) == []
    assert [problem.split(" that ")[0] for problem in preview.problems] == [
        "The archive holds no privacy policy of self.example", "The archive holds no privacy policy of github.io",
    ]  # fmt: skip


def test_run_takes_the_policy_of_a_host_of_sites_and_not_a_customers(tmp_path, archive, annotator):
    _, records = run(tmp_path, archive, annotator, "hosting.example", "acme.github.io")
    assert names(records) == [("hosting.example", "hosting"), ("acme.github.io", "customer")]
    assert [one.domain for one in records] == ["hosting.example", "acme.github.io"]


@pytest.mark.parametrize(
    ("every", "found"),
    [
        ("half-year", ["old 2003", "old 2004", "old 2004", "new 2005", "new 2006"]),
        ("year", ["old 2003", "old 2004", "new 2005", "new 2006"]),
        ("month", ["old 2003", "old 2004", "old 2004", "new 2005", "new 2006"]),
        ("nearest:20050401", ["old 2004"]),
        ("change", ["old 2003", "old 2004", "new 2005", "new 2006"]),
    ],
)
def test_run_follows_a_policy_that_moved_in_every_choice(tmp_path, archive, annotator, every, found):
    _, records = run(tmp_path, archive, annotator, OLD, every=every)
    assert [name for _, name in names(records)] == found
    assert {one.capture.requested for one in records} == {OLD}
    assert {one.policy for one in records} == {"moved.example/privacy"}


def test_run_counts_the_redirects_that_it_passes_over(tmp_path, server, capsys):
    options = ["--archive-base", server.base, "--rate", "0", "--cdx-rate", "0"]
    assert main(["run", OLD, "-o", str(tmp_path), *options]) == 0
    assert "2 captures passed over, 2 of them redirects" in capsys.readouterr().err
    assert "index: 2 skipped, 2 redirects skipped" in "\n".join(status(tmp_path))


def test_run_of_http_and_https_in_one_second_has_the_page(tmp_path, archive, annotator):
    for every in ("half-year", "change", "all"):
        _, records = run(tmp_path / every, archive, annotator, "http://second.example/privacy", every=every)
        assert set(names(records)) == {("second.example", "second")}, every


def test_run_has_another_capture_of_the_period_for_one_that_is_no_policy(tmp_path, archive, annotator):
    sites = ("error", "wall", "empty")
    _, records = run(tmp_path, archive, annotator, *(f"http://{site}.example/privacy" for site in sites))
    assert names(records) == [(f"{site}.example", site) for site in sites]
    assert [one.verdict.usable for one in records] == [False] * 3 + [True] * 3


def test_run_tries_three_more_captures_of_a_period_without_a_policy_and_then_no_more(tmp_path, server, annotator):
    archive = open_archive(server.base, rate=0, cdx_rate=0, connections=2)
    server.reset()
    _, records = run(tmp_path, archive, annotator, "http://gone.example/privacy")
    assert [one.capture.timestamp[:6] for one in records] == ["200504", "200505", "200503", "200502"]
    run(tmp_path, archive, annotator, "http://gone.example/privacy")
    assert len(server.paths("/web/")) == 4


def test_run_of_pages_that_only_show_another_has_that_page(tmp_path, archive, annotator):
    sites = ("stub", "frameset", "one", "two")
    _, records = run(tmp_path, archive, annotator, *(f"http://{site}.example/p" for site in sites))
    assert names(records) == [(f"{site}.example", site) for site in sites]


def test_run_of_two_brands_that_link_to_one_policy_has_it_for_both(tmp_path, server, annotator):
    archive = open_archive(server.base, rate=0, cdx_rate=0, connections=2)
    server.reset()
    summary, records = run(tmp_path, archive, annotator, "brand-a.example", "brand-b.example")
    assert names(records) == [("brand-a.example", "parent"), ("brand-b.example", "parent")]
    assert summary.outcomes == {"whole": 2}
    assert len(server.paths("/web/20050402000000id_/http://parent.example/pp")) == 1
