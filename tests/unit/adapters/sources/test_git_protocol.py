"""What git servers say is understood, and what nobody should say is refused."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.sources.git.advertisement import Advertisement, read_advertisement
from repo2docker_service.adapters.sources.git.names import named_refs, near_names, ref_not_found
from repo2docker_service.adapters.sources.git.pkt_line import (
    LONGEST,
    Marker,
    NotGit,
    Packet,
    RemoteError,
    decode,
    encode,
    readable,
)
from repo2docker_service.adapters.sources.git.refs import (
    OtherHash,
    Ref,
    RefList,
    candidates,
    listed_by_v2,
)
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import NamedRef, RefKind

A, B, C = ("a" * 40, "b" * 40, "c" * 40)

contents = st.binary(max_size=200).filter(lambda raw: not raw.startswith(b"ERR ") and not raw.endswith(b"\n"))
packets = st.lists(st.one_of(contents, st.sampled_from(Marker)), max_size=20)


def frame(*items: Packet | str) -> bytes:
    """Frame packets; text becomes a line."""
    return b"".join(encode(f"{item}\n".encode() if isinstance(item, str) else item) for item in items)


def v2_list(*lines: str) -> RefList:
    return listed_by_v2(decode(frame(*lines, Marker.FLUSH)), whole=True)


@given(packets)
def test_what_is_framed_is_read_again(items: list[Packet]) -> None:
    assert list(decode(frame(*items))) == items


@given(packets, st.data())
def test_data_that_is_cut_within_a_packet_is_refused_unless_we_cut_it(items: list[Packet], data: st.DataObject) -> None:
    framed = frame(*items)
    end = data.draw(st.integers(0, len(framed)))
    ends = {len(frame(*items[:count])): count for count in range(len(items) + 1)}

    known = list(decode(framed[:end], whole=False))

    assert known == items[: len(known)]
    if end in ends:
        assert list(decode(framed[:end])) == known == items[: ends[end]]
    else:
        with pytest.raises(NotGit):
            list(decode(framed[:end]))


@given(st.binary(max_size=300))
def test_any_bytes_are_either_read_or_refused(data: bytes) -> None:
    for parse in (lambda: list(decode(data)), lambda: read_advertisement(data)):
        with suppress(NotGit, RemoteError, OtherHash):
            parse()


@given(packets)
def test_any_packets_are_either_an_advertisement_or_refused(items: list[Packet]) -> None:
    try:
        found = read_advertisement(frame("# service=git-upload-pack", Marker.FLUSH, *items))
    except (NotGit, RemoteError, OtherHash):
        return
    assert isinstance(found, Advertisement)


@pytest.mark.parametrize(
    "data",
    [
        b"0003",
        b"fff1" + b"x" * 65517,
        b"+008abcd",
        b" 008abcd",
        b"0x08abcd",
        b"00_8abcd",
        b"-008",
        b"zzzz",
        b"\xff" * 4,
    ],
)
def test_a_length_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(NotGit):
        list(decode(data))


def test_the_longest_packet_is_read_and_a_longer_one_cannot_be_made() -> None:
    longest = b"x" * (LONGEST - 4)

    assert list(decode(encode(longest))) == [longest]
    with pytest.raises(ValueError, match="too long"):
        encode(longest + b"x")


def test_only_one_newline_at_the_end_is_dropped() -> None:
    assert list(decode(b"0004" + b"0006a\n" + b"0007a\n\n")) == [b"", b"a", b"a\n"]


def test_an_error_of_the_server_is_given_as_one_short_visible_line() -> None:
    with pytest.raises(RemoteError) as error:
        list(decode(encode("ERR no\x1b[31m such\u202e\nrepository\x00 ".encode() + b"\xff" + b"x" * 5000)))

    assert re.fullmatch(r"no\[31m such repository \ufffdx+", str(error.value))
    assert len(str(error.value)) == 200


@given(st.binary(max_size=2000))
def test_foreign_text_is_always_made_short_and_visible(raw: bytes) -> None:
    text = readable(raw)

    assert len(text) <= 200
    assert text.isprintable()


def test_protocol_v2_is_recognised_with_and_without_the_service_line() -> None:
    said = frame("version 2", "agent=git/2.39", "ls-refs=unborn", "object-format=sha1", Marker.FLUSH)

    for data in (said, frame("# service=git-upload-pack", Marker.FLUSH) + said):
        found = read_advertisement(data)

        assert found.refs is None
        assert found.capabilities["ls-refs"] == "unborn"


def test_an_advertisement_of_the_first_protocol_lists_peeled_refs() -> None:
    data = frame(
        "# service=git-upload-pack",
        Marker.FLUSH,
        f"{A} HEAD\0multi_ack symref=HEAD:refs/heads/trunk agent=git/1.8",
        f"{A} refs/heads/trunk",
        f"{B} refs/tags/v1",
        f"{C} refs/tags/v1^{{}}",
        f"{B} refs/tags/v2",
        Marker.FLUSH,
    )

    assert read_advertisement(data).refs == RefList(
        (
            Ref("HEAD", A, "refs/heads/trunk"),
            Ref("refs/heads/trunk", A),
            Ref("refs/tags/v1", C),
            Ref("refs/tags/v2", B),
        )
    )


@pytest.mark.parametrize(
    "items", [[Marker.FLUSH], ["0" * 40 + " capabilities^{}\0multi_ack", Marker.FLUSH]], ids=["flush", "capabilities"]
)
def test_an_empty_repository_lists_nothing(items: list[Packet | str]) -> None:
    data = frame("# service=git-upload-pack", Marker.FLUSH, *items)

    assert read_advertisement(data).refs == RefList()


def test_where_the_history_of_a_shallow_repository_ends_is_no_ref() -> None:
    data = frame(f"{A} HEAD\0shallow", f"shallow {B}", Marker.FLUSH)

    assert read_advertisement(data).refs == RefList((Ref("HEAD", A),))


@pytest.mark.parametrize(
    "data",
    [
        frame("# service=git-upload-pack", "version 2", Marker.FLUSH),
        frame("version 2", "ls-refs"),
        frame("version 2", Marker.DELIMITER, Marker.FLUSH),
        frame(f"{A} refs/heads/main", Marker.FLUSH),
        frame(f"{A} refs/heads/main\0agent=x"),
        frame(f"{A}\0agent=x", Marker.FLUSH),
        frame("123 refs/heads/main\0agent=x", Marker.FLUSH),
        frame(f"{A.upper()} refs/heads/main\0agent=x", Marker.FLUSH),
        frame(f"{A} refs/heads/main\0agent=x", Marker.DELIMITER, Marker.FLUSH),
        b"<!DOCTYPE html>",
        f"{A}\trefs/heads/main\n".encode(),
    ],
)
def test_an_advertisement_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(NotGit):
        read_advertisement(data)


@pytest.mark.parametrize(
    "data",
    [
        frame("version 2", "ls-refs", "object-format=sha256", Marker.FLUSH),
        frame("a" * 64 + " refs/heads/main\0agent=x", Marker.FLUSH),
        frame("0" * 64 + " capabilities^{}\0object-format=sha256", Marker.FLUSH),
    ],
)
def test_a_repository_with_other_ids_is_recognised(data: bytes) -> None:
    with pytest.raises(OtherHash):
        read_advertisement(data)


def test_an_advertisement_that_we_cut_keeps_the_refs_before() -> None:
    data = frame(f"{A} HEAD\0x", f"{B} refs/heads/a", f"{C} refs/heads/b", Marker.FLUSH)

    found = read_advertisement(data[:-20], whole=False).refs

    assert found == RefList((Ref("HEAD", A), Ref("refs/heads/a", B)), whole=False)


def test_refs_of_protocol_v2_are_peeled_and_tell_their_targets() -> None:
    listed = v2_list(
        f"{A} HEAD symref-target:refs/heads/main", f"{B} refs/tags/v1 peeled:{C}", f"{A} refs/heads/x new:1"
    )

    assert listed.refs == (
        Ref("HEAD", A, "refs/heads/main"),
        Ref("refs/tags/v1", C),
        Ref("refs/heads/x", A),
    )


@pytest.mark.parametrize(
    "line", ["", A, f"{A} ", "unborn HEAD symref-target:refs/heads/main", f"{A[:39]} HEAD", f"{A} x peeled:y"]
)
def test_a_ref_without_a_name_or_a_commit_is_refused(line: str) -> None:
    with pytest.raises(NotGit):
        v2_list(line)


@pytest.mark.parametrize("items", [[], [f"{A} HEAD"], [f"{A} HEAD", Marker.DELIMITER, Marker.FLUSH]])
def test_a_list_of_refs_that_ends_early_is_refused(items: list[Packet | str]) -> None:
    with pytest.raises(NotGit):
        listed_by_v2(decode(frame(*items)), whole=True)


def test_a_branch_goes_before_a_tag_of_the_same_name() -> None:
    listed = v2_list(f"{A} refs/tags/x", f"{B} refs/heads/x")

    assert listed.first_of(candidates("x")) == Ref("refs/heads/x", B)


@pytest.mark.parametrize("ref", ["x", "b/x", "refs/heads/b/x", "a", "HEAD", "refs/heads/a/", "a/x/"])
def test_a_part_of_a_name_finds_nothing(ref: str) -> None:
    listed = v2_list(f"{A} refs/heads/a/x", f"{A} refs/heads/a/b/x", f"{A} refs/remotes/HEAD", f"{A} HEADS")

    assert listed.first_of(candidates(ref)) is None


def test_a_name_that_cannot_be_decoded_matches_nothing_and_is_not_offered() -> None:
    line = encode(A.encode() + b" refs/heads/a\xff")

    listed = listed_by_v2(decode(line + frame(Marker.FLUSH)), whole=True)

    assert listed.first_of(candidates("a\ufffd")) is None
    assert named_refs(listed) == ()


def test_names_begin_with_the_default_branch_and_hide_nothing() -> None:
    listed = v2_list(
        f"{A} HEAD symref-target:refs/heads/trunk",
        f"{A} refs/heads/a",
        f"{A} refs/heads/evil\u202e",
        f"{A} refs/heads/trunk",
        f"{A} refs/pull/1/head",
        f"{B} refs/tags/a",
        f"{B} refs/tags/v1",
    )

    branches = [NamedRef(name, RefKind.BRANCH, A) for name in ("trunk", "a")]
    assert named_refs(listed) == (*branches, NamedRef("v1", RefKind.TAG, B))


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("mian", ["main"]),
        ("MAIN", []),
        ("x", ["a/x"]),
        ("feature/login-page", ["feature/login"]),
        ("v1.0", ["v1.0.0", "v1.1", "v0.1"]),
        ("zzz", []),
    ],
)
def test_near_names_are_those_that_look_alike(wanted: str, near: list[str]) -> None:
    names = ["main", "a/x", "feature/login", "v0.1", "v1.0.0", "v1.1", "développement"]

    assert list(near_names(wanted, names)) == near


def test_a_name_is_recognised_by_its_last_part_however_long_the_rest_is() -> None:
    assert list(near_names("x", ["y", "some/very/long/way/to/x", "box"])) == ["some/very/long/way/to/x", "box"]


def test_names_that_would_take_long_to_compare_are_not_compared() -> None:
    assert near_names("a" * 101, ["a" * 100]) == ()
    assert near_names("a" * 100, ["a" * 101]) == ()


@given(st.text(max_size=150), st.lists(st.text(max_size=150)))
def test_near_names_are_at_most_five_of_those_there_are(wanted: str, names: list[str]) -> None:
    near = near_names(wanted, names)

    assert len(near) <= 5
    assert set(near) <= set(names)


@pytest.mark.parametrize(("ref", "short"), [("a" * 6, False), ("a" * 7, True), ("1" * 39, True), ("g" * 7, False)])
def test_a_shortened_commit_is_asked_for_in_full(ref: str, *, short: bool) -> None:
    error = ref_not_found(Source("https://h/r", ref), RefList((Ref("refs/heads/main", A),)))

    assert ("all 40 characters" in str(error)) == short
    assert f"'{ref}'" in str(error)


def test_only_a_repository_that_was_read_to_its_end_is_called_empty() -> None:
    source = Source("https://h/r", "main")

    assert "empty" in str(ref_not_found(source, RefList()))
    assert "empty" not in str(ref_not_found(source, RefList(whole=False)))
    assert "empty" not in str(ref_not_found(source, None))


def test_where_no_default_branch_is_set_others_are_offered() -> None:
    error = ref_not_found(Source("https://h/r"), RefList((Ref("refs/heads/a", A), Ref("refs/tags/b", A))))

    assert "no default branch" in str(error)
    assert list(error.near) == ["a", "b"]
