import asyncio
from itertools import pairwise

from monitor.fetch.pace import Pace


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        wake_at = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, wake_at)


def make_pace(time: Time, *, delay: float = 1.0, per_host: int = 2, connections: int = 100) -> Pace:
    return Pace(
        max_per_host=per_host,
        host_delay_seconds=delay,
        max_connections=connections,
        monotonic=lambda: time.now,
        sleep=time.sleep,
    )


class Visits:
    """Visits that last until they are let go, with what was seen on the way."""

    def __init__(self, pace: Pace, time: Time) -> None:
        self.pace, self.time = pace, time
        self.starts: list[tuple[str, float]] = []
        self.open = 0
        self.most_open = 0

    async def visit(self, host: str, until: asyncio.Event | None = None) -> None:
        async with self.pace.turn(host):
            self.starts.append((host, self.time.now))
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            await (until.wait() if until else asyncio.sleep(0))
            self.open -= 1

    def gaps(self, host: str) -> list[float]:
        times = [at for name, at in self.starts if name == host]
        return [later - earlier for earlier, later in pairwise(times)]


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_starts_at_one_host_are_a_delay_apart() -> None:
    time = Time()
    visits = Visits(make_pace(time), time)
    await asyncio.gather(*(visits.visit("a.example") for _ in range(40)))
    assert len(visits.starts) == 40
    assert min(visits.gaps("a.example")) >= 1.0


async def test_no_more_than_two_visits_to_a_host_at_once() -> None:
    time = Time()
    visits = Visits(make_pace(time, delay=0.0), time)
    is_over = asyncio.Event()
    tasks = [asyncio.create_task(visits.visit("a.example", is_over)) for _ in range(10)]
    await settle()
    assert visits.open == 2
    is_over.set()
    await asyncio.gather(*tasks)
    assert (visits.most_open, len(visits.starts)) == (2, 10)


async def test_another_host_does_not_wait() -> None:
    time = Time()
    visits = Visits(make_pace(time), time)
    await asyncio.gather(*(visits.visit(f"{name}.example") for name in "abcdef"))
    assert {at for _, at in visits.starts} == {100.0}


async def test_all_hosts_together_stay_under_the_limit_and_gaps_hold_behind_it() -> None:
    time = Time()
    visits = Visits(make_pace(time, connections=3), time)
    hosts = [f"{name}.example" for name in "abcdef"]
    await asyncio.gather(*(visits.visit(host) for host in hosts * 5))
    assert visits.most_open == 3
    assert len(visits.starts) == 30
    assert all(gap >= 1.0 for host in hosts for gap in visits.gaps(host))


async def test_a_visit_that_is_given_up_while_waiting_leaves_no_trace() -> None:
    time = Time()
    visits = Visits(make_pace(time, per_host=1, connections=1), time)
    is_over = asyncio.Event()
    first = asyncio.create_task(visits.visit("a.example", is_over))
    await settle()
    waiting = [asyncio.create_task(visits.visit(host, is_over)) for host in ("a.example", "b.example")]
    await settle()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    is_over.set()
    await first
    await asyncio.gather(visits.visit("a.example"), visits.visit("b.example"))
    assert len(visits.starts) == 3


async def test_hosts_long_idle_are_forgotten() -> None:
    time = Time()
    pace = make_pace(time)
    for number in range(1_500):
        async with pace.turn(f"h{number}.example"):
            pass
        time.now += 2.0
    assert len(pace._hosts) <= 1_000


async def test_what_is_part_of_a_page_does_not_pause_but_keeps_its_place() -> None:
    time = Time()
    pace = make_pace(time)
    began_at = time.now
    async with pace.turn("a.example"):
        pass
    for _ in range(5):
        async with pace.turn("a.example", 2.0, pauses=False):
            pass
    assert time.now == began_at
    async with pace.turn("a.example"):
        pass
    assert time.now > began_at
