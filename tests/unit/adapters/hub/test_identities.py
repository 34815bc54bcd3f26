"""What is remembered of who holds which token, and for how long."""

import asyncio
import gc
from dataclasses import dataclass, field

import pytest

from repo2docker_service.adapters.authorizers.jupyterhub.identities import Identities
from repo2docker_service.domain.errors import AuthorizerUnavailable, Forbidden, ServiceError, Unauthenticated
from repo2docker_service.domain.models import Identity


@dataclass
class Oracle:
    """Says who holds a token: whoever is called like it; each answer knows its number."""

    asked: list[str] = field(default_factory=list)
    fails: ServiceError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    now: float = 1000.0
    takes: float = 0.0

    def __post_init__(self) -> None:
        self.gate.set()

    async def ask(self, token: str) -> Identity:
        self.asked.append(token)
        number, fails = len(self.asked), self.fails
        await self.gate.wait()
        self.now += self.takes
        if fails:
            raise fails
        return Identity(token, groups=frozenset({f"answer {number}"}))

    def clock(self) -> float:
        return self.now

    async def until_asked(self, times: int) -> None:
        """Let everybody else run until nothing happens any more."""
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(self.asked) == times


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def identities(oracle: Oracle) -> Identities:
    return Identities(oracle.ask, seconds=30, clock=oracle.clock)


@pytest.mark.parametrize(("after", "asked"), [(0.0, 1), (29.9, 1), (30.0, 2), (1e9, 2)])
async def test_an_identity_is_good_for_thirty_seconds(
    identities: Identities, oracle: Oracle, after: float, asked: int
) -> None:
    await identities.get("a")
    oracle.now += after
    await identities.get("a")

    assert len(oracle.asked) == asked


async def test_its_age_counts_from_when_it_was_asked_for(identities: Identities, oracle: Oracle) -> None:
    oracle.takes = 20
    await identities.get("a")
    oracle.now += 15
    await identities.get("a")

    assert len(oracle.asked) == 2


async def test_being_used_keeps_nothing_young(identities: Identities, oracle: Oracle) -> None:
    for _ in range(6):
        await identities.get("a")
        oracle.now += 10

    assert len(oracle.asked) == 2


async def test_tokens_are_kept_apart(identities: Identities, oracle: Oracle) -> None:
    names = [(await identities.get(token)).name for token in ("a", "b", "a", "A", "\udcff")]

    assert names == ["a", "b", "a", "A", "\udcff"]
    assert oracle.asked == ["a", "b", "A", "\udcff"]


async def test_many_who_ask_at_once_are_answered_by_one_question(identities: Identities, oracle: Oracle) -> None:
    oracle.gate.clear()
    asking = [asyncio.create_task(identities.get("a")) for _ in range(100)]
    await oracle.until_asked(1)
    oracle.gate.set()

    assert len(set(await asyncio.gather(*asking))) == 1
    assert oracle.asked == ["a"]


async def test_a_fresh_look_asks_again_and_replaces_what_was_known(identities: Identities, oracle: Oracle) -> None:
    first = await identities.get("a")
    second = await identities.get("a", fresh=True)
    third = await identities.get("a")

    assert first != second
    assert second == third
    assert len(oracle.asked) == 2


async def test_a_fresh_look_does_not_go_by_a_question_that_was_asked_before(
    identities: Identities, oracle: Oracle
) -> None:
    oracle.gate.clear()
    before = asyncio.create_task(identities.get("a"))
    await oracle.until_asked(1)
    fresh = [asyncio.create_task(identities.get("a", fresh=True)) for _ in range(50)]
    plain = asyncio.create_task(identities.get("a"))
    await oracle.until_asked(1)
    oracle.gate.set()

    answers = {next(iter(each.groups)) for each in await asyncio.gather(*fresh)}
    assert answers == {"answer 2"}
    assert (await before).groups == (await plain).groups == {"answer 1"}
    assert (await identities.get("a")).groups == {"answer 2"}
    assert len(oracle.asked) == 2


async def test_while_the_second_question_is_asked_a_fresh_look_waits_for_a_third(
    identities: Identities, oracle: Oracle
) -> None:
    oracle.gate.clear()
    asking = [asyncio.create_task(identities.get("a", fresh=True)) for _ in range(2)]
    await oracle.until_asked(1)
    oracle.gate.set()
    oracle.gate = asyncio.Event()
    await oracle.until_asked(2)
    asking.append(asyncio.create_task(identities.get("a", fresh=True)))
    await oracle.until_asked(2)
    oracle.gate.set()

    assert [next(iter((await each).groups)) for each in asking] == ["answer 1", "answer 2", "answer 3"]


@pytest.mark.parametrize("error", [Unauthenticated(), Forbidden("access:services")])
async def test_whoever_is_refused_is_forgotten(identities: Identities, oracle: Oracle, error: ServiceError) -> None:
    await identities.get("a")
    oracle.fails = error

    for fresh in (True, False):
        with pytest.raises(type(error)):
            await identities.get("a", fresh=fresh)
    oracle.fails = None

    assert (await identities.get("a")).groups == {"answer 4"}


async def test_when_nothing_can_be_found_out_what_is_known_serves_on_until_it_is_old(
    identities: Identities, oracle: Oracle
) -> None:
    known = await identities.get("a")
    oracle.fails = AuthorizerUnavailable("hub", "it is down")

    with pytest.raises(AuthorizerUnavailable):
        await identities.get("a", fresh=True)
    oracle.now += 29
    assert await identities.get("a") == known
    oracle.now += 1
    with pytest.raises(AuthorizerUnavailable):
        await identities.get("a")
    oracle.fails = None
    assert (await identities.get("a")).name == "a"


async def test_however_many_unknown_tokens_come_whoever_is_known_does_not_wait(oracle: Oracle) -> None:
    identities = Identities(oracle.ask, seconds=30, strangers=3, clock=oracle.clock)
    await identities.get("a")
    oracle.now += 30
    oracle.gate.clear()
    strangers = [asyncio.create_task(identities.get(f"unknown {number}")) for number in range(50)]
    known = asyncio.create_task(identities.get("a"))
    await oracle.until_asked(1 + 3 + 1)
    assert oracle.asked[-1] == "a"
    oracle.gate.set()

    assert [each.name for each in await asyncio.gather(known, *strangers)][:2] == ["a", "unknown 0"]
    assert len(oracle.asked) == 52


async def test_an_unknown_token_does_not_wait_for_its_turn_for_ever(oracle: Oracle) -> None:
    identities = Identities(oracle.ask, seconds=30, strangers=1, patience=0.01, clock=oracle.clock)
    oracle.gate.clear()
    first = asyncio.create_task(identities.get("first"))
    await oracle.until_asked(1)

    with pytest.raises(AuthorizerUnavailable, match="too many"):
        await identities.get("second")
    oracle.gate.set()
    assert (await first).name == "first"
    assert (await identities.get("second")).name == "second"


async def test_who_gives_up_waiting_stops_nobody_else(identities: Identities, oracle: Oracle) -> None:
    oracle.gate.clear()
    impatient, patient = (asyncio.create_task(identities.get("a")) for _ in range(2))
    await oracle.until_asked(1)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    oracle.gate.set()

    assert (await patient).name == "a"
    assert impatient.cancelled()
    assert oracle.asked == ["a"]


async def test_a_failure_that_nobody_waits_for_any_more_is_no_mishap(
    identities: Identities, oracle: Oracle, caplog: pytest.LogCaptureFixture
) -> None:
    oracle.gate.clear()
    oracle.fails = Unauthenticated()
    asking = asyncio.create_task(identities.get("a"))
    await oracle.until_asked(1)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    del asking  # it remembers where it was cancelled, and so the question
    oracle.gate.set()
    await oracle.until_asked(1)
    gc.collect()

    assert caplog.records == []


async def test_those_that_were_not_needed_for_the_longest_time_are_forgotten_first(oracle: Oracle) -> None:
    identities = Identities(oracle.ask, seconds=30, most=2, clock=oracle.clock)
    for token in ("a", "b", "a", "c", "a", "b"):
        await identities.get(token)

    assert oracle.asked == ["a", "b", "c", "b"]


async def test_no_token_is_kept(identities: Identities) -> None:
    await identities.get("tell-nobody")

    kept = [key for part in vars(identities).values() if isinstance(part, dict) for key in part]
    assert len(kept) == 1
    assert len(kept[0]) == 32


async def test_nothing_is_asked_any_more_when_all_is_closed(identities: Identities, oracle: Oracle) -> None:
    oracle.gate.clear()
    asking = [asyncio.create_task(identities.get("a", fresh=True)) for _ in range(3)]
    await oracle.until_asked(1)
    await identities.close()
    await asyncio.gather(*asking, return_exceptions=True)

    assert all(each.done() for each in asking)
    assert oracle.asked == ["a"]
