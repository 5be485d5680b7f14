from ipaddress import ip_network

import pytest

from monitor.errors import BadUrl, BlockedAddress, BlockedPort
from monitor.fetch.guard import check_address, check_addresses, check_port, check_redirect, check_url


def words(table: str) -> list[str]:
    return table.split()


V4_LITERALS = words("""
    0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.255
    169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.0 172.16.0.1 172.20.10.1 172.31.255.255 192.168.0.0
    192.168.0.1 192.168.1.1 192.168.255.255 224.0.0.1 239.255.255.255 233.252.0.1
""")

V6_LITERALS = words("""
    :: ::1 fc00:: fc00::1 fd00::1 fdff:ffff::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff00:: ff02::1
    ff05::2 2001:db8::1 3fff::1
""")

V4_HIDDEN_IN_V6 = words("""
    ::ffff:127.0.0.1 ::ffff:100.64.0.1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1 ::127.0.0.1 ::10.0.0.1 2002:7f00:1::
    2002:a9fe:a9fe:: 2002:c0a8:101::1 2001:0:4136:e378:8000:63bf:80ff:fffe 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
    64:ff9b:1::7f00:1 64:ff9b:1:7f00:0:100::
""")

SPECIAL_V4 = words("""
    100.64.0.1 100.127.255.254 192.88.99.1 198.18.0.1 198.19.255.255 192.0.0.8 240.0.0.1 255.255.255.255
""")

OTHER_REFUSED = words("""
    5f00::1 3ffe::1 2001:2::1 2001:20::1 100::1 4000::1 192.0.2.1 198.51.100.7 203.0.113.9
""")

PUBLIC = words("""
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 223.255.255.254
    2606:4700:4700::1111 2001:4860:4860::8888 64:ff9b::808:808
""")


def test_the_address_tables_are_as_long_as_the_threat_list_asks() -> None:
    tables = (V4_LITERALS, V6_LITERALS, V4_HIDDEN_IN_V6, SPECIAL_V4, PUBLIC)
    assert [len(set(table)) for table in tables] == [24, 16, 14, 8, 12]


REFUSED = {"#1": V4_LITERALS, "#2": V6_LITERALS, "#3": V4_HIDDEN_IN_V6, "#4": SPECIAL_V4, "": OTHER_REFUSED}


@pytest.mark.parametrize(
    "address",
    [pytest.param(one, id=f"{threat} {one}") for threat, table in REFUSED.items() for one in table],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(BlockedAddress) as refusal:
        check_address(address, host="news.example")
    assert "news.example" in str(refusal.value)
    assert "MONITOR_ALLOWED_NETWORKS" in str(refusal.value)


@pytest.mark.parametrize("address", PUBLIC, ids=lambda address: f"#4 {address}")
def test_a_public_address_passes(address: str) -> None:
    assert str(check_address(address)) == address


@pytest.mark.parametrize("address", ["", "news.example", "1.2.3", "0177.0.0.1", "1.2.3.4.5", ":::"])
def test_an_answer_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BlockedAddress):
        check_address(address)


def test_a_refusal_says_which_address_was_hidden() -> None:
    with pytest.raises(BlockedAddress, match=r"it stands for 169\.254\.169\.254"):
        check_address("64:ff9b::a9fe:a9fe")


def test_an_allowed_network_passes_and_its_neighbour_does_not() -> None:
    allowed = (ip_network("127.0.0.1/32"), ip_network("fd00:1::/32"))
    assert str(check_address("127.0.0.1", allowed)) == "127.0.0.1"
    assert str(check_address("::ffff:127.0.0.1", allowed)) == "127.0.0.1"
    assert str(check_address("fd00:1::7", allowed)) == "fd00:1::7"
    for neighbour in ("127.0.0.2", "::ffff:127.0.0.2", "fd00:2::7"):
        with pytest.raises(BlockedAddress):
            check_address(neighbour, allowed)


def test_one_refused_answer_refuses_the_host() -> None:
    assert len(check_addresses(["1.1.1.1", "1.1.1.1", "8.8.8.8"], (), host="a.example")) == 2
    for answers in (["1.1.1.1", "127.0.0.2"], ["127.0.0.2", "1.1.1.1"], ["1.1.1.1", "::1"]):
        with pytest.raises(BlockedAddress):
            check_addresses(answers, (), host="a.example")


@pytest.mark.parametrize("port", [1, 22, 25, 53, 81, 3128, 5432, 6379, 8000, 9200], ids=lambda port: f"#12 {port}")
def test_a_port_that_is_not_the_webs_is_refused(port: int) -> None:
    with pytest.raises(BlockedPort, match="MONITOR_ALLOWED_PORTS"):
        check_port(port)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443, 9999])
def test_the_webs_ports_and_the_allowed_ones_pass(port: int) -> None:
    check_port(port, (9999,))


ODD_HOSTS = [
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1.1/",
    "http://256.1.1.1/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://127｡0｡0｡1/",
    "http://１２７.0.0.１/",
]
CONFUSIONS = [
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com@127.0.0.1/",
    "http://a@b@127.0.0.1/",
    "http://example.com:80@127.0.0.1/",
    "http://example.com#@127.0.0.1/",
    "http://example.com?@127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http://example.com:80\\@127.0.0.1:80/",
    "http://[::1]@example.com/",
]
SCHEMES = words("""
    file:///etc/passwd file:/etc/passwd FILE:///etc/passwd ftp://example.com/ gopher://example.com/ data:,x
    javascript:alert(1) view-source:http://example.com/ unix:/run/x.sock http+unix://%2Frun/ ws://example.com/
    //example.com/ example.com httpx://example.com/
""")
PORTS = [
    "http://a.example:0/",
    "http://a.example:99999/",
    "http://a.example:/",
    "http://a.example:-1/",
    "http://a.example:8a/",
]
BROKEN = [
    "http://a.example/\0",
    "http://a.example/\r\nHost: b",
    "http://a.example/\n",
    "http://a.example/a b",
    " http://a.example/",
    "http://a.example/\t",
    "http://a.example/%00",
    "http://a%00b.example/",
    "http://a%2eexample/",
    f"http://{'a' * 300}.example/",
    f"http://a.example/{'a' * 65_536}",
    "http://a.example/\x85",
]
NO_HOSTS = [
    "",
    "http://",
    "http:///path",
    "http://./",
    "http://a..example/",
    "http://-a.example/",
    "http://a-.example/",
    "http://a,b.example/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://[1.2.3.4]/",
    "http://::1/",
    "http://a\u202eb.example/",
    "http://\ud800.example/",
    f"http://{'a.' * 130}example/",
]


OUTSIDE_THE_GRAMMAR = {"#5": ODD_HOSTS, "#6": CONFUSIONS, "#9": SCHEMES, "#12": PORTS, "#15": BROKEN, "": NO_HOSTS}


@pytest.mark.parametrize(
    "raw_url",
    [pytest.param(url, id=f"{threat} {url[:60]!a}") for threat, table in OUTSIDE_THE_GRAMMAR.items() for url in table],
)
def test_an_address_outside_the_grammar_is_refused_without_echoing_control_characters(raw_url: str) -> None:
    with pytest.raises(BadUrl) as refusal:
        check_url(raw_url)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    "raw_location", [url for url in CONFUSIONS if not url.startswith("http:\\")] + SCHEMES[:9] + BROKEN[:3]
)
def test_a_redirect_is_held_to_the_same_grammar(raw_location: str) -> None:
    with pytest.raises(BadUrl):
        check_redirect(check_url("http://a.example/feed"), raw_location)


@pytest.mark.parametrize(
    ("raw_url", "text", "host", "port"),
    [
        ("http://example.com", "http://example.com/", "example.com", 80),
        ("HTTPS://Example.COM.:443/A?b=C#d", "https://example.com/A?b=C", "example.com", 443),
        ("http://example.com?q=1", "http://example.com/?q=1", "example.com", 80),
        ("http://example.com:8080/x", "http://example.com:8080/x", "example.com", 8080),
        ("http://LOCALHOST./", "http://localhost/", "localhost", 80),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        (
            "https://a.example/ភ្នំ?q=é",
            "https://a.example/%E1%9E%97%E1%9F%92%E1%9E%93%E1%9F%86?q=%C3%A9",
            "a.example",
            443,
        ),
        ("https://a.example/@user/%20a%2Fb", "https://a.example/@user/%20a%2Fb", "a.example", 443),
        ("https://a_b.example/", "https://a_b.example/", "a_b.example", 443),
        ("http://[2606:4700:0::1111]:8080/", "http://[2606:4700::1111]:8080/", "2606:4700::1111", 8080),
        ("http://1.1.1.1/", "http://1.1.1.1/", "1.1.1.1", 80),
    ],
)
def test_a_good_address_is_brought_into_one_form(raw_url: str, text: str, host: str, port: int) -> None:
    checked = check_url(raw_url)
    assert (checked.text, checked.host, checked.port) == (text, host, port)
    assert check_url(checked.text) == checked


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("/b", "https://a.example/b"),
        ("b?c", "https://a.example/dir/b?c"),
        ("//b.example/x", "https://b.example/x"),
        ("http://b.example", "http://b.example/"),
        ("../up", "https://a.example/up"),
    ],
)
def test_a_redirect_is_read_against_the_page_it_stands_on(location: str, text: str) -> None:
    assert check_redirect(check_url("https://a.example/dir/page"), location).text == text


@pytest.mark.parametrize(
    "url", ["http://user:hunter2@paper.example/", "https://hunter2@paper.example/a?b", "ftp://a:hunter2@b/"]
)
def test_a_refusal_repeats_no_password(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        check_url(url)
    assert "hunter2" not in str(refused.value)
