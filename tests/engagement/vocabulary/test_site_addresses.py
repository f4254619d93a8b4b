import pytest

from engagement.vocabulary.site_addresses import is_origin, origin_of


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.com/talks?x=1", "https://www.example.com"),
        ("https://WWW.Example.com:443", "https://www.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_origin_is_as_browsers_write_it(typed, origin):
    assert origin_of(typed) == origin
    assert is_origin(origin)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "www.example.com",
        "*",
        "https://*.example.com",
        "https://a.example;script-src *",
        "https://a.example https://b.example",
        "https://me@a.example",
        "https://a.example:99999",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://a,b.example",
        "https://'none'",
        "https://" + "a" * 600,
    ],
)
def test_whatever_could_carry_more_into_a_policy_is_no_origin(typed):
    with pytest.raises(ValueError, match=r".*"):
        origin_of(typed)
