"""What a phone's claim about time is worth: never more than the server can vouch for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario import World

from app import clock
from app.ids import new_id
from app.sync.timing import bound_claim, make_beacon, read_beacon

KEY = b"k" * 32
ARRIVAL = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
anything = st.datetimes(timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=3))
wrongness = st.timedeltas(timedelta(days=-400), timedelta(days=400))


@given(captured=anything, sent=anything, away=spans)
def test_a_claim_lies_between_the_beacon_and_the_arrival(captured: datetime, sent: datetime, away: timedelta) -> None:
    beacon = ARRIVAL - away
    assert beacon <= bound_claim(captured, sent, ARRIVAL, beacon) <= ARRIVAL


@given(wrong=wrongness, since_beacon=spans, on_the_way=spans)
def test_an_honest_tap_is_found_however_wrong_the_clock(
    wrong: timedelta, since_beacon: timedelta, on_the_way: timedelta
) -> None:
    tapped = ARRIVAL - on_the_way
    assert bound_claim(tapped + wrong, ARRIVAL + wrong, ARRIVAL, tapped - since_beacon) == tapped


@given(captured=anything, sent=anything)
def test_without_a_beacon_only_the_arrival_is_believed(captured: datetime, sent: datetime) -> None:
    assert bound_claim(captured, sent, ARRIVAL, None) == ARRIVAL


@given(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_beacon_says_what_was_put_into_it(at: datetime) -> None:
    at = clock.to_millisecond(at)
    assert read_beacon(KEY, make_beacon(KEY, at)) == at


@given(data=st.data())
def test_a_beacon_with_any_character_changed_is_no_beacon(data: st.DataObject) -> None:
    beacon = make_beacon(KEY, ARRIVAL)
    place = data.draw(st.integers(0, len(beacon) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefXYZ._-=é\ud800").filter(lambda c: c != beacon[place]))
    assert read_beacon(KEY, beacon[:place] + other + beacon[place + 1 :]) is None


@pytest.mark.parametrize("text", [None, "", ".", "0", "1.", "٣.x", "9" * 400, "-1.x", "\x00", "1e3.x"])
def test_what_was_never_a_beacon_is_none(text: str | None) -> None:
    assert read_beacon(KEY, text) is None
    assert read_beacon(b"other" * 8, make_beacon(KEY, ARRIVAL)) is None


@pytest.mark.parametrize("wrong", [timedelta(days=-400), timedelta(days=400)])
def test_a_phone_off_by_more_than_a_year_still_signs_at_its_true_time(shared: World, wrong: timedelta) -> None:
    ticket_id = shared.dispatched()
    beacon = shared.liaison.pull()["beacon"]
    known = clock.from_epoch_ms(int(beacon.partition(".")[0]))
    tapped = clock.now()
    command = shared.liaison.command("ticket.sign", ticket_id) | {
        "captured_at": clock.iso(tapped + wrong), "beacon": beacon
    }  # fmt: skip
    body = {"sent_at": clock.iso(clock.now() + wrong), "commands": [command]}
    answer = shared.liaison.call("POST", "/api/v1/sync/commands", json=body)
    receipt = answer.get_json()["receipts"][0]
    assert receipt["status"] == "applied"
    assert known <= clock.parse(receipt["claimed_at"]) <= clock.parse(receipt["received_at"])
    assert abs(clock.parse(receipt["claimed_at"]) - tapped) < timedelta(seconds=5)
    assert receipt["counted_at"] == receipt["received_at"], "the profile counts the arrival"
    event = shared.liaison.events(ticket_id)[-1]
    assert event["claimed_at"] in (receipt["claimed_at"], None if receipt["claimed_at"] == event["at"] else "")


@pytest.mark.parametrize("reading", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1970-01-01T00:00:07+08:00"])
@pytest.mark.parametrize("forge", [False, True])
def test_any_reading_of_a_clock_is_bounded_not_refused(shared: World, reading: str, forge: bool) -> None:
    ticket_id = shared.dispatched()
    beacon = shared.liaison.pull()["beacon"]
    if forge:
        beacon = "1." + beacon.partition(".")[2]
    for captured, sent in ((reading, clock.iso(clock.now())), (clock.iso(clock.now()), reading)):
        command = shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="在吗")
        command |= {"captured_at": captured, "beacon": beacon}
        answer = shared.liaison.call("POST", "/api/v1/sync/commands", json={"sent_at": sent, "commands": [command]})
        assert answer.status_code == 200, answer.text
        receipt = answer.get_json()["receipts"][0]
        earliest = clock.parse(receipt["received_at"]) if forge else clock.from_epoch_ms(int(beacon.split(".")[0]))
        assert receipt["status"] == "applied"
        assert earliest <= clock.parse(receipt["claimed_at"]) <= clock.parse(receipt["received_at"])
