"""A second factor belongs to the session: shown once in each, by whichever way is left."""

from datetime import timedelta

from cnc.domain.base.clock import utc_now
from cnc.services.second_factor import MOST_MISSES
from cnc.services.sms import MOST_A_DAY
from tests.api.tenants import Shop
from tests.sessions.desk import Desk, Token

FACTOR = "/v1/sessions/current/factor"
NUMBER = "+4915112345678"


def due(desk: Desk, token: Token) -> bool:
    return desk.context(token).get("factorDue") == "1"


def test_who_has_a_factor_shows_it_in_each_session_before_anything_else(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    before = desk.sign_in(anna.subject)
    desk.context(before)
    code = desk.enrol(anna)
    after = desk.sign_in(anna.subject)
    assert [due(desk, one) for one in (anna, before, after)] == [False, True, True]
    for method, path in (("GET", "/v1/machines"), ("GET", "/v1/sessions"), ("POST", "/v1/socket-tickets")):
        assert desk.ask(after, method, path)[1]["code"] == "auth.second_factor"
    _, session = desk.ask(after, "GET", "/v1/sessions/current")
    assert (session["factor"]["due"], session["factor"]["enrolled"]) == (True, True)
    assert desk.ask(after, "POST", FACTOR, {"code": "000000"})[1]["code"] == "change.second_factor"
    assert desk.ask(after, "POST", FACTOR, {"code": code()})[0] == 200
    assert desk.ask(after, "GET", "/v1/machines")[0] == 200
    assert due(desk, before)


def test_a_code_counts_once_for_all_sessions(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    code = desk.enrol(anna)
    first, second = desk.sign_in(anna.subject), desk.sign_in(anna.subject)
    shown = code()
    assert desk.ask(first, "POST", FACTOR, {"code": shown})[0] == 200
    assert desk.ask(second, "POST", FACTOR, {"code": shown})[0] == 403
    assert due(desk, second)


def test_recovery_codes_are_ten_each_good_once_and_open_a_locked_factor(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    desk.enrol(anna)
    _, made = desk.ask(anna, "POST", "/v1/second-factor/recovery-codes")
    codes = made["codes"]
    assert (len(set(codes)), {len(code.replace("-", "")) for code in codes}) == (10, {24})
    lost = desk.sign_in(anna.subject)
    for _ in range(MOST_MISSES + 1):
        desk.ask(lost, "POST", FACTOR, {"code": "000000"})
    assert "too many" in desk.ask(lost, "POST", FACTOR, {"code": "000000"})[1]["detail"]
    assert desk.ask(lost, "POST", FACTOR, {"recoveryCode": codes[0].lower()})[0] == 200
    assert desk.ask(desk.sign_in(anna.subject), "POST", FACTOR, {"recoveryCode": codes[0]})[0] == 403
    assert desk.ask(lost, "GET", "/v1/second-factor")[1]["recoveryCodesLeft"] == 9
    assert desk.ask(lost, "POST", "/v1/second-factor/recovery-codes")[0] == 200
    assert desk.ask(desk.sign_in(anna.subject), "POST", FACTOR, {"recoveryCode": codes[1]})[0] == 403


def test_setting_one_up_takes_a_fresh_sign_in_and_changing_it_the_old_one(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.context(anna)
    desk.age(anna, auth=timedelta(minutes=11))
    assert desk.ask(anna, "POST", "/v1/second-factor")[1]["code"] == "auth.step_up"
    desk.age(anna, auth=timedelta(minutes=9))
    code = desk.enrol(anna)
    desk.age(anna, factor=timedelta(minutes=6))
    for method, path in (("POST", "/v1/second-factor"), ("DELETE", "/v1/second-factor")):
        assert desk.ask(anna, method, path)[1]["code"] == "auth.step_up"
    assert desk.ask(anna, "POST", FACTOR, {"code": code()})[0] == 200
    assert desk.ask(anna, "POST", "/v1/second-factor")[0] == 200
    state = desk.ask(anna, "GET", "/v1/second-factor")[1]
    assert (state["enrolled"], state["replacing"]) == (True, True)
    assert desk.ask(anna, "DELETE", "/v1/second-factor")[0] == 200
    assert not due(desk, desk.sign_in(anna.subject))


def test_half_signed_in_nobody_gives_themselves_another_factor(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    desk.enrol(anna)
    thief = desk.sign_in(anna.subject)
    assert desk.ask(thief, "POST", "/v1/second-factor")[1]["code"] == "auth.step_up"
    for path in ("/v1/second-factor/recovery-codes", "/v1/second-factor/phone"):
        assert desk.ask(thief, "POST", path)[1]["code"] == "auth.second_factor"
    assert desk.ask(thief, "DELETE", "/v1/second-factor")[1]["code"] == "auth.second_factor"


def test_an_sms_is_a_second_way_for_who_has_an_authenticator(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    assert desk.ask(anna, "POST", "/v1/second-factor/phone", {"number": NUMBER})[1]["code"] == "change.second_factor"
    desk.enrol(anna)
    assert desk.ask(anna, "POST", "/v1/second-factor/phone", {"number": NUMBER})[0] == 200
    number, text = desk.sms[-1]
    code = text.split()[2]
    assert (number, len(code)) == (NUMBER, 6)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    confirm = "/v1/second-factor/phone/confirmation"
    assert [desk.ask(anna, "POST", confirm, {"code": one})[0] for one in (wrong, code, code)] == [403, 200, 403]
    assert desk.ask(anna, "GET", "/v1/second-factor")[1]["phone"] == "+49••••••••678"
    later = desk.sign_in(anna.subject)
    assert desk.ask(later, "POST", f"{FACTOR}/sms")[1]["code"] == "limit.rate"  # not twice within a minute
    with desk.later(timedelta(minutes=2)):
        assert desk.ask(later, "POST", f"{FACTOR}/sms")[0] == 200
    shown = desk.sms[-1][1].split()[2]
    assert [desk.ask(later, "POST", FACTOR, {"smsCode": one})[0] for one in (shown, shown)] == [200, 403]


def test_messages_are_capped_by_day_and_codes_end(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    desk.enrol(anna)
    sent = []
    for n in range(MOST_A_DAY + 1):
        desk.age(anna, factor=-timedelta(minutes=2 * n))
        with desk.later(timedelta(minutes=2 * n)):
            sent.append(desk.ask(anna, "POST", "/v1/second-factor/phone", {"number": "+4915187654321"})[0])
    assert sent == [200] * MOST_A_DAY + [429]
    late = {"code": desk.sms[-1][1].split()[2]}
    with desk.later(timedelta(minutes=40)):
        assert desk.ask(anna, "POST", "/v1/second-factor/phone/confirmation", late)[0] == 403


def test_a_company_may_ask_everybody_for_one(desk: Desk, theirs: Shop) -> None:
    owner = desk.sign_in(desk.person("owner", shop=theirs))
    operator = desk.sign_in(desk.person("operator", shop=theirs))
    assert desk.ask(operator, "PUT", "/v1/security-policy", {"requireFactor": True})[0] == 403
    assert desk.ask(owner, "PUT", "/v1/security-policy", {"requireFactor": True})[1]["code"] == "factor.state"
    desk.enrol(owner)
    assert desk.ask(owner, "PUT", "/v1/security-policy", {"requireFactor": True})[0] == 200
    try:
        assert desk.ask(operator, "GET", "/v1/machines")[1]["code"] == "auth.second_factor"
        _, session = desk.ask(operator, "GET", "/v1/sessions/current")
        assert (session["factor"]["due"], session["factor"]["enrolled"]) == (True, False)
        desk.enrol(operator)
        assert desk.ask(operator, "GET", "/v1/machines")[0] == 200
        assert desk.ask(operator, "DELETE", "/v1/second-factor")[1]["code"] == "factor.state"
    finally:
        assert desk.ask(owner, "PUT", "/v1/security-policy", {"requireFactor": False})[0] == 200


def test_another_tenants_factor_counts_for_nothing(desk: Desk, theirs: Shop) -> None:
    """Whoever runs a company of their own could otherwise reset a guest's factor there, and use it here."""
    anna = desk.sign_in(desk.person("owner"))
    desk.enrol(anna)
    half = desk.sign_in(anna.subject)
    desk.context(half)
    desk.rows.set_factor(half.session, tenant=theirs.tenant, now_ms=int(utc_now().timestamp() * 1000))
    assert due(desk, half)


def test_a_factor_taken_away_by_an_admin_leaves_a_person_who_signs_in_plainly(desk: Desk) -> None:
    admin, anna = desk.sign_in(desk.person("admin")), desk.sign_in(desk.person("operator"))
    desk.enrol(anna)
    user = desk.context(anna)["subject"]
    desk.context(admin)
    desk.age(admin, auth=timedelta(minutes=6))
    assert desk.ask(admin, "DELETE", f"/v1/second-factor/{user}")[1]["code"] == "auth.step_up"
    desk.age(admin, auth=timedelta(minutes=4))
    assert desk.ask(admin, "DELETE", f"/v1/second-factor/{user}")[0] == 200
    assert not due(desk, desk.sign_in(anna.subject))
