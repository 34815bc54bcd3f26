"""What people give, good and bad."""

import time
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import (
    check_address,
    check_build_args,
    check_ref,
    check_source,
    check_subdir,
    check_text,
    is_commit,
)
from repo2docker_service.domain.models import Source

HIDDEN = ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff", "\ud800"]

BAD_ADDRESSES = [
    "",
    "   ",
    "not an address",
    "example.org/a/b",
    "/",
    ".",
    "/etc/passwd",
    "file:///etc",
    "ext::sh -c id",
    "git://example.org/a.git",
    "ssh://-oProxyCommand=x/y",
    "ssh://git@example.org/a/b",
    "git@github.com:a/b.git",
    "data:text/plain,x",
    "javascript:alert(1)",
    "ftp://example.org/a/b",
    "https:example.org/a/b",
    "https:///a/b",
    "https://",
    "https://example.org",
    "https://example.org/",
    "https://user@example.org/a/b",
    "https://user:secret@example.org/a/b",
    "https://example.org\\@evil.org/a/b",
    "https://example.org/a/b?x=1",
    "https://example.org/a/b?",
    "https://example.org/a/b#main",
    "https://example.org:99999/a/b",
    "https://example.org:/a/b",
    "https://example.org:x/a/b",
    "https://example.org/../a",
    "https://example.org/a/./b",
    "https://example.org/a/%2e%2e/b",
    "https://example.org/a%2f..%2fb",
    "https://example.org/a//b",
    "https://example.org//a/b",
    "https://example.org/-a/b",
    "https://example.org/%2da/b",
    "https://example.org/a/%252e%252e/b",
    "https://example.org/a%5c..%5cb",
    "https://example.org/a/..;/b",
    "https://example.org/a/..%3bx=y/b",
    "https://example.org/a/.;/b",
    "https://example.org/a/b%",
    "https://example.org/a/b%zz",
    "https://example.org./a/b",
    "https://example.org/a/b%00",
    "https://example.org/a/b%0a",
    "https://example.org/a b",
    "https://example.org/<script>",
    'https://example.org/"a"/b',
    "https://example.org/a/b --Repo2Docker.user_id=0",
    "https://-example.org/a/b",
    "https://exämple.org/a/b",
    "https://[::1/a/b",
    "https://[fe80::1%25eth0]/a/b",
    "--config=/etc/passwd",
    "-oProxyCommand=x",
    "https://example.org/" + "a" * 100_000,
]


@pytest.mark.parametrize("address", BAD_ADDRESSES, ids=range(len(BAD_ADDRESSES)))
def test_what_is_no_address_of_a_repository_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_address(address)

    assert caught.value.field == "repo"
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("user", ["user", "user:secret", ":secret", "", "a%40b"])
def test_a_credential_in_an_address_is_named_as_the_problem_and_not_repeated(user: str) -> None:
    with pytest.raises(InvalidInput, match="user name or password") as caught:
        check_address(f"https://{user}@example.org/a/b")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "hidden"),
    # Texts alone may have several lines.
    sorted(set(product(["repo", "ref", "subdir", "build_args", "title"], HIDDEN)) - {("title", "\n")}),
    ids=ascii,
)
def test_characters_that_cannot_be_seen_are_refused_everywhere(field: str, hidden: str) -> None:
    checks: dict[str, Callable[[str], object]] = {
        "repo": lambda text: check_address(f"https://example.org/a{text}b/c"),
        "ref": lambda text: check_ref(f"ma{text}in"),
        "subdir": lambda text: check_subdir(f"a{text}b"),
        "build_args": lambda text: check_build_args({"A": text}),
        "title": lambda text: check_text("title", text),
    }
    with pytest.raises(InvalidInput) as caught:
        checks[field](hidden)

    assert caught.value.field == field


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_hidden_characters_at_the_ends_are_refused_too(hidden: str) -> None:
    for check, text in ((check_address, "https://example.org/a/b"), (check_ref, "main")):
        for padded in (hidden + text, text + hidden):
            with pytest.raises(InvalidInput):
                check(padded)


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("https://github.com/jupyterhub/repo2docker", "https://github.com/jupyterhub/repo2docker"),
        ("  https://github.com/a/b  ", "https://github.com/a/b"),
        ("HTTPS://GitHub.com/A/B", "https://github.com/A/B"),
        ("https://github.com/a/b/", "https://github.com/a/b"),
        ("https://github.com:443/a/b.git", "https://github.com/a/b.git"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org:0443/a", "https://example.org/a"),
        ("https://example.org:08443/a", "https://example.org:8443/a"),
        ("https://[2001:db8::1]:00443/a", "https://[2001:db8::1]/a"),
        ("https://git.example.org:8443/group/sub/b.git", "https://git.example.org:8443/group/sub/b.git"),
        ("https://example.org/~ada/b-c_d.e+f", "https://example.org/~ada/b-c_d.e+f"),
        ("https://[2001:db8::1]:8443/a/b", "https://[2001:db8::1]:8443/a/b"),
        ("http://127.0.0.1:3000/a/b", "http://127.0.0.1:3000/a/b"),
    ],
)
def test_an_address_is_given_in_normal_form(address: str, normal: str) -> None:
    assert check_address(address) == normal
    assert check_address(normal) == normal


BAD_REFS = [
    "--upload-pack=touch /tmp/x",
    "-b",
    "--show-toplevel",
    "-",
    "a b",
    "a..b",
    "main~1",
    "main^",
    "main^{tree}",
    "a:b",
    "HEAD:secret",
    "refs/heads/*",
    "feature/*",
    "v?",
    "[ab]",
    "a\\b",
    "@{u}",
    "main@{1}",
    "@",
    "/main",
    "main/",
    "a//b",
    ".main",
    "a/.b",
    "main.",
    "main.lock",
    "main.lock/x",
    "`id`x y",
    "x" * 256,
    "x" * 100_000,
]


@pytest.mark.parametrize("ref", BAD_REFS, ids=range(len(BAD_REFS)))
def test_what_cannot_be_a_ref_is_refused_with_a_sentence(ref: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_ref(ref)

    assert caught.value.field == "ref"
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("ref", "normal"),
    [
        ("", "HEAD"),
        ("  ", "HEAD"),
        (" main ", "main"),
        ("feature/with/slashes", "feature/with/slashes"),
        ("refs/tags/v1.0", "refs/tags/v1.0"),
        ("v1.0-rc.1+x", "v1.0-rc.1+x"),
        ("a" * 40, "a" * 40),
        ("dependabot/npm_and_yarn/@babel/core-7", "dependabot/npm_and_yarn/@babel/core-7"),
        ("größe", "größe"),
        ("issue#1", "issue#1"),
    ],
)
def test_refs_that_git_allows_are_accepted(ref: str, normal: str) -> None:
    assert check_ref(ref) == normal


BAD_SUBDIRS = ["..", "../x", "a/../b", "a/..", "/", "/etc", "-a", "~", "~root/x", "a\\b", "a/./../b", "x" * 256]
BAD_SUBDIRS += ["./-a", "./~", ".//-a"]


@pytest.mark.parametrize("subdir", BAD_SUBDIRS, ids=range(len(BAD_SUBDIRS)))
def test_a_folder_outside_the_repository_is_refused(subdir: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_subdir(subdir)

    assert caught.value.field == "subdir"


@pytest.mark.parametrize(
    ("subdir", "normal"), [("", ""), (".", ""), ("a/b/", "a/b"), ("./a//b/.", "a/b"), ("a..b", "a..b"), ("...", "...")]
)
def test_a_folder_is_given_in_normal_form(subdir: str, normal: str) -> None:
    assert check_subdir(subdir) == normal


@given(st.text(max_size=300))
def test_an_accepted_folder_is_inside_and_normal(text: str) -> None:
    try:
        subdir = check_subdir(text)
    except InvalidInput:
        return

    assert ".." not in subdir.split("/")
    assert not subdir.startswith(("/", "-", "~"))
    assert check_subdir(subdir) == subdir


@given(st.text(max_size=300) | st.from_regex(r"https?://[a-z@:/?#%.\\-]{1,40}"))
def test_an_accepted_address_is_no_option_and_holds_no_credential(text: str) -> None:
    try:
        address = check_address(text)
    except InvalidInput:
        return

    assert address.startswith(("https://", "http://"))
    assert "@" not in address.split("/")[2]
    assert address.isprintable()
    assert check_address(address) == address


@given(st.text(max_size=300) | st.from_regex(r"[-a-z/.@{}~^:*]{1,20}", fullmatch=True))
def test_an_accepted_ref_is_no_option_and_no_pattern(text: str) -> None:
    try:
        ref = check_ref(text)
    except InvalidInput:
        return

    assert not ref.startswith("-")
    assert not set(ref) & set("*?[~^:\\ \n")
    assert check_ref(ref) == ref


RESERVED = """
    PATH path HOME LD_PRELOAD LD_LIBRARY_PATH DOCKER_HOST DOCKER_CONFIG BUILDKIT_SYNTAX HTTP_PROXY https_proxy
    GIT_CONFIG PYTHONPATH PYTHONSTARTUP BASH_ENV NB_USER REPO_DIR SSL_CERT_FILE BUILDKIT_CACHE_MOUNT_NS
    BUILDKIT_SANDBOX_HOSTNAME NO_PROXY all_proxy FTP_PROXY LD_AUDIT GCONV_PATH SOURCE_DATE_EPOCH NODE_OPTIONS NODE_PATH
    PERL5LIB PERLLIB PERL5OPT RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS _JAVA_OPTIONS R_PROFILE_USER
    JDK_JAVA_OPTIONS GLIBC_TUNABLES
"""
BAD_ARGUMENTS = [*RESERVED.split(), "", "1A", "A-B", "A=B", "A B", "Ä", "-A", "A" * 65]


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_build_arguments_that_change_the_build_itself_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_build_args({name: "x"})

    assert caught.value.field == "build_args"


def test_ordinary_build_arguments_are_accepted() -> None:
    build_args = {"VERSION": "1.0", "_x": "", "PATHS": "a b=c", "A" * 64: "größe", "NODE_VERSION": "22", "RUBY": "3"}

    assert check_build_args(build_args) == build_args


def test_too_many_or_too_long_build_arguments_are_refused() -> None:
    check_build_args({f"A{number}": "x" for number in range(50)})

    for build_args in ({f"A{number}": "x" for number in range(51)}, {"A": "x" * 2001}):
        with pytest.raises(InvalidInput):
            check_build_args(build_args)


def test_a_text_may_have_several_lines_and_any_script() -> None:
    assert check_text("title", "Größe\n日本語 🚀") == "Größe\n日本語 🚀"
    with pytest.raises(InvalidInput, match="2000"):
        check_text("title", "x" * 2001)


def test_a_source_is_checked_in_every_part() -> None:
    assert check_source(Source("https://EXAMPLE.org/a/", "", "./x")) == Source("https://example.org/a", "HEAD", "x")
    for bad in (Source("x"), Source("https://h/a", "-x"), Source("https://h/a", "main", "..")):
        with pytest.raises(InvalidInput):
            check_source(bad)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [("a" * 40, True), ("A" * 40, False), ("a" * 39, False), ("a" * 40 + "\n", False), ("main", False)],
)
def test_only_a_full_commit_is_taken_for_one(ref: str, *, expected: bool) -> None:
    assert is_commit(ref) is expected


@pytest.mark.parametrize("piece", ["a", "/", ".", "-", "%", "@", "a.", "/a", ".lock", "..", "@{", "a-"])
def test_no_check_takes_long_whatever_is_given(piece: str) -> None:
    text = piece * (2000 // len(piece))
    checks: list[Callable[[str], object]] = [
        check_ref,
        check_subdir,
        lambda given: check_address(f"https://example.org/{given}"),
        lambda given: check_address(f"https://{given}!/a"),
        lambda given: check_build_args({given: "x"}),
    ]

    began = time.process_time()
    for check in checks:
        for padded in (text, text[:250]):
            try:
                check(padded)
            except InvalidInput:
                continue

    assert time.process_time() - began < 0.5
